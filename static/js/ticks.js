// One box over a column of boxes: it ticks all of them, and shows whether all, some or none are ticked.
function boxes(master) {
  const table = master.closest('table');
  return [...table.querySelectorAll(`input[type="checkbox"][name="${master.dataset.tickAll}"]`)];
}

function refresh(master) {
  const all = boxes(master);
  const ticked = all.filter((box) => box.checked).length;
  master.checked = ticked > 0 && ticked === all.length;
  master.indeterminate = ticked > 0 && ticked < all.length;
  const count = document.querySelector('[data-tick-count]');
  if (count) count.textContent = ticked > 1 ? count.dataset.many.replace('{count}', ticked) : ticked ? count.dataset.one : '';
}

export function enableTicks() {
  document.addEventListener('change', (event) => {
    const master = event.target.closest('[data-tick-all]');
    if (master) {
      for (const box of boxes(master)) box.checked = master.checked;
      refresh(master);
      return;
    }
    const other = event.target.closest('table')?.querySelector('[data-tick-all]');
    if (other) refresh(other);
  });
}
