// Menus are <details class="menu"> and open by themselves. Here they learn to close: on a click
// elsewhere, on Escape, when focus leaves, and when the navigation is opened.
function openMenus() {
  return document.querySelectorAll('details.menu[open]');
}

function closeMenusOutside(target) {
  for (const menu of openMenus()) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function closeOnEscape(event) {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
  }
}

// A dialog's button works by itself (command, or popovertarget in older browsers). Only this is left:
// <button data-dialog="id"> for dialogs that are opened by a script too.
function openDialog(event) {
  const button = event.target.closest('[data-dialog]');
  if (!button) return;
  const menu = button.closest('details.menu');
  if (menu) menu.open = false;
  document.getElementById(button.dataset.dialog)?.showModal();
}

/** On a phone the tab that one is on may lie beyond the edge of its strip. */
function showCurrentTab() {
  for (const tab of document.querySelectorAll('.tab-links [aria-current]')) {
    const strip = tab.parentElement.getBoundingClientRect();
    const { left, right } = tab.getBoundingClientRect();
    if (right > strip.right) tab.parentElement.scrollLeft += right - strip.right;
    else if (left < strip.left) tab.parentElement.scrollLeft += left - strip.left;
  }
}

export function enableMenus() {
  showCurrentTab();
  document.addEventListener('click', (event) => {
    closeMenusOutside(event.target);
    openDialog(event);
  });
  document.addEventListener('focusin', (event) => closeMenusOutside(event.target));
  document.addEventListener('keydown', closeOnEscape);
}
