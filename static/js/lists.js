// A list's toolbar is a GET form. With htmx only the results change (see list/toolbar); here empty
// filters are kept out of the address, with htmx and without.
function dropEmpty(data) {
  for (const [name, value] of [...data.entries()]) {
    if (value === '') data.delete(name);
  }
}

export function enableLists() {
  document.addEventListener('formdata', (event) => {
    if (event.target.method === 'get') dropEmpty(event.formData);
  });
  document.addEventListener('htmx:configRequest', (event) => {
    const { verb, formData } = event.detail;
    if (verb === 'get' && formData) dropEmpty(formData);
  });
}
