// Says a sentence to people who use a screen reader. The layout has the live region.
export function announce(sentence) {
  const region = document.getElementById('live');
  if (!region) return;
  region.textContent = '';
  // A fresh text in the next frame is read even when it equals the one before.
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}
