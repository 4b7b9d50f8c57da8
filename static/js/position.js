// "Add my position": the device is asked on a tap, never by itself; what it says stands in the form, to be seen and removed.
const PATIENCE = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };

function enable(part) {
  const ask = part.querySelector('[data-locate]');
  const found = part.querySelector('[data-found]');
  const forget = part.querySelector('[data-forget]');
  const latitude = part.querySelector('[name="latitude"]');
  const longitude = part.querySelector('[name="longitude"]');

  function set(position) {
    latitude.value = position ? position.coords.latitude.toFixed(5) : '';
    longitude.value = position ? position.coords.longitude.toFixed(5) : '';
    found.textContent = position ? `${latitude.value}, ${longitude.value}` : '';
    forget.hidden = !position;
  }

  ask.hidden = false;
  forget.hidden = !latitude.value;
  forget.addEventListener('click', () => set(null));
  ask.addEventListener('click', () => {
    found.textContent = found.dataset.waiting;
    navigator.geolocation.getCurrentPosition(set, (error) => {
      set(null);
      found.textContent = error.code === error.PERMISSION_DENIED ? found.dataset.refused : found.dataset.missing;
    }, PATIENCE);
  });
}

export function enablePosition() {
  if (!('geolocation' in navigator)) return;
  for (const part of document.querySelectorAll('[data-position]')) enable(part);
}
