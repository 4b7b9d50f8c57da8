// The portal's service worker: shows what the portal pushes, and opens what it is about. It keeps no pages.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/** What was pushed: {title, body, href, type, tag}; tag is the notification's id. */
function messageOf(event) {
  try {
    return event.data.json();
  } catch {
    return {};
  }
}

/** Only pages of the portal itself are opened. */
function addressOf({ tag, href }) {
  const path = /^[0-9a-f-]{36}$/.test(tag ?? '') ? `/notifications/${tag}` : (href ?? '/notifications');
  const url = new URL(path, self.location.origin);
  return url.origin === self.location.origin ? url.href : `${self.location.origin}/notifications`;
}

self.addEventListener('push', (event) => {
  const message = messageOf(event);
  event.waitUntil(self.registration.showNotification(message.title ?? 'Tessera', {
    body: message.body ?? '',
    tag: message.tag,
    icon: '@@favicon.svg@@',
    data: { address: addressOf(message) },
  }));
});

async function open(address) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((client) => client.focused) ?? pages[0];
  if (!page) return self.clients.openWindow(address);
  await page.focus().catch(() => {}); // only a click of somebody's may
  return page.navigate(address).catch(() => self.clients.openWindow(address));
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.address));
});
