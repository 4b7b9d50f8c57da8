// <button data-copy="text"> copies that text; <button data-copy-from="id"> copies an element's.
import { announce } from './announce.js';

async function copy(event) {
  const button = event.target.closest('[data-copy], [data-copy-from]');
  if (!button) return;
  const source = document.getElementById(button.dataset.copyFrom);
  const text = button.dataset.copy ?? source.value ?? source.textContent.trim();
  await navigator.clipboard.writeText(text);

  const label = button.querySelector('[data-copy-label]') ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  announce(button.dataset.copied);
  setTimeout(() => {
    label.textContent = before;
  }, 2000);
}

export function enableCopyButtons() {
  document.addEventListener('click', copy);
}
