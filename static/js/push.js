// Notifications on the screen (Push API). The button on the settings page asks the browser and tells the portal its
// address; the service worker /sw.js shows what comes. A subscription belongs to a session: after the same person has
// signed in again here, it is handed in anew by itself.
import { csrfToken } from './csrf.js';

const KEPT = 'push'; // in localStorage: whose notifications this browser shows, and under which session's token

function supported() {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
}

function remember(user) {
  localStorage.setItem(KEPT, JSON.stringify({ user, token: csrfToken().slice(-8) }));
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

async function applicationKey() {
  const answer = await fetch('/account/push/key');
  if (!answer.ok) throw new Error('no key');
  return answer.text();
}

async function handIn(subscription, user, more = {}) {
  const { endpoint, keys } = subscription.toJSON();
  const body = new URLSearchParams({ csrf: csrfToken(), endpoint, p256dh: keys.p256dh, auth: keys.auth, ...more });
  const answer = await fetch('/account/push', { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (answer.ok) return remember(user);
  localStorage.removeItem(KEPT);
  throw new Error('refused');
}

async function subscribe(user) {
  const registration = await navigator.serviceWorker.register('/sw.js');
  await navigator.serviceWorker.ready;
  const key = await applicationKey();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = await registration.pushManager.subscribe(options).catch(async (error) => {
    // One made with the portal's earlier key stands in the way.
    const old = await registration.pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return registration.pushManager.subscribe(options);
  });
  await handIn(subscription, user);
}

async function offer(event) {
  const form = event.target.closest('form[data-push]');
  if (!form) return;
  event.preventDefault();
  const status = form.querySelector('[data-push-status]');
  const say = (what) => {
    status.textContent = form.dataset[what] ?? '';
  };
  say('');
  if (!supported()) return say('unsupported');
  if ((await Notification.requestPermission()) !== 'granted') return say('denied');
  try {
    await subscribe(form.dataset.user);
    location.reload();
  } catch {
    say('failed');
  }
}

/** The same person, the same browser, another session. Not when the browser was taken off the list meanwhile. */
async function renew(user) {
  const kept = remembered();
  if (!supported() || kept.user !== user || kept.token === csrfToken().slice(-8) || Notification.permission !== 'granted') return;
  const registration = await navigator.serviceWorker.getRegistration('/');
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) await handIn(subscription, user, { renew: 'true' });
}

export function enablePush() {
  document.addEventListener('submit', offer, true);
  const { user } = document.body.dataset;
  if (user && csrfToken()) renew(user).catch(() => {});
}
