// The token that every form of the page carries; a script that posts sends it too.
export function csrfToken() {
  return document.querySelector('input[name="csrf"]')?.value ?? '';
}
