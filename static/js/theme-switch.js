// The theme changes at once; a signed-in person's choice is also sent to the server, a visitor's is kept
// in a cookie for a year.
const YEAR = 365 * 24 * 60 * 60;

function mark(theme) {
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll('[data-theme-choice]')) {
    button.setAttribute('aria-pressed', String(button.value === theme));
  }
  for (const radio of document.querySelectorAll('input[name="theme"][type="radio"]')) {
    radio.checked = radio.value === theme;
  }
}

function remember(theme) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

async function choose(event) {
  const button = event.target.closest('[data-theme-choice]');
  if (!button) return;
  event.preventDefault();
  mark(button.value);
  remember(button.value);
  if (!button.form) return;
  const body = new URLSearchParams(new FormData(button.form));
  body.set('theme', button.value);
  await fetch(button.form.action, { method: 'POST', body, redirect: 'manual' });
}

export function enableThemeSwitch() {
  mark(document.documentElement.dataset.theme || 'system');
  document.addEventListener('click', choose);
}
