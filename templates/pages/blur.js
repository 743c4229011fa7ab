/** Draws the regions of a photo that are to be blurred, by mouse, finger and keyboard; the numbers in the table are what is sent. */
const photo = document.querySelector('[data-blur]');
const body = document.querySelector('[data-regions] tbody');
for (const part of document.querySelectorAll('[data-needs-script]')) part.hidden = false;
const names = ['x', 'y', 'width', 'height'];
const inputsOf = (row) => names.map((name) => row.querySelector(`[name=${name}]`));
const read = (row) => inputsOf(row).map((input) => Number(input.value.replace(',', '.')));
const isEmpty = (row) => inputsOf(row).every(({ value }) => value === '');
const write = (row, values) =>
  inputsOf(row).forEach(
    (input, at) => (input.value = values ? String(Math.round(values[at] * 10) / 10) : ''),
  );
const boxes = new Map();

function show(row) {
  let box = boxes.get(row);
  if (isEmpty(row)) {
    box?.remove();
    boxes.delete(row);
    return;
  }
  if (!box) {
    box = document.createElement('div');
    box.className = 'motcua-region';
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', row.querySelector('th').textContent);
    box.addEventListener('keydown', (event) => byKey(event, row));
    box.addEventListener('pointerdown', (event) => event.stopPropagation());
    boxes.set(row, box);
    photo.append(box);
  }
  const [x, y, width, height] = read(row);
  for (const [name, value] of Object.entries({ left: x, top: y, width, height }))
    box.style[name] = `${value}%`;
}

function byKey(event, row) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === 'Delete' || event.key === 'Backspace') write(row, undefined);
  else if (step) {
    const [x, y, width, height] = read(row);
    const [right, down] = step;
    const within = (value, least, most) => Math.min(most, Math.max(least, value));
    write(
      row,
      event.shiftKey
        ? [x, y, within(width + right, 1, 100 - x), within(height + down, 1, 100 - y)]
        : [within(x + right, 0, 100 - width), within(y + down, 0, 100 - height), width, height],
    );
  } else return;
  event.preventDefault();
  show(row);
}

function freeRow() {
  const rows = [...body.rows];
  const free = rows.find(isEmpty);
  if (free) return free;
  const row = rows.at(-1).cloneNode(true);
  write(row, undefined);
  const number = rows.length + 1;
  const label = row.querySelector('th');
  const before = label.textContent;
  label.textContent = before.replace(/\d+$/, String(number));
  for (const input of inputsOf(row))
    input.setAttribute('aria-label', input.getAttribute('aria-label').replace(before, label.textContent));
  body.append(row);
  return row;
}

const placeOf = ({ clientX, clientY }) => {
  const { left, top, width, height } = photo.getBoundingClientRect();
  return [((clientX - left) / width) * 100, ((clientY - top) / height) * 100].map((part) =>
    Math.min(100, Math.max(0, part)),
  );
};

photo.addEventListener('pointerdown', (event) => {
  event.preventDefault();
  const [x0, y0] = placeOf(event);
  const row = freeRow();
  const move = (next) => {
    const [x1, y1] = placeOf(next);
    write(row, [
      Math.min(x0, x1),
      Math.min(y0, y1),
      Math.max(1, Math.abs(x1 - x0)),
      Math.max(1, Math.abs(y1 - y0)),
    ]);
    show(row);
  };
  const end = () => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    boxes.get(row)?.focus();
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
});
document.querySelector('[data-add]').addEventListener('click', () => {
  const row = freeRow();
  write(row, [40, 40, 20, 20]);
  show(row);
  boxes.get(row).focus();
});
body.addEventListener('input', ({ target }) => show(target.closest('tr')));
for (const row of body.rows) show(row);
