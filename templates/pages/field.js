/** A team’s orders without a network: what is done waits in IndexedDB and is sent once, in its order, when there is one. */
const root = document.getElementById('field');
const state = root.querySelector('[data-state]');
const list = root.querySelector('[data-outbox]');
const words = root.dataset;
for (const part of document.querySelectorAll('[data-needs-script]')) part.hidden = false;
for (const part of document.querySelectorAll('[data-without-script]')) part.hidden = true;

const request = (asked) =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
const opening = indexedDB.open('motcua-field', 1);
opening.onupgradeneeded = () =>
  opening.result.createObjectStore('outbox', { keyPath: 'id', autoIncrement: true });
const database = request(opening);
const outbox = async (mode, work) =>
  request(work((await database).transaction('outbox', mode).objectStore('outbox')));
/** What whoever is signed in has done: on a shared phone nobody sends what somebody else wrote. */
const all = async () =>
  (await outbox('readonly', (store) => store.getAll())).filter(({ who }) => who === words.who);
const put = (item) => outbox('readwrite', (store) => store.put(item));
const drop = (id) => outbox('readwrite', (store) => store.delete(id));

async function show(told) {
  const items = await all();
  list.replaceChildren(
    ...items.map((item) => {
      const line = document.createElement('li');
      line.textContent = `${item.name}: ${item.what} (${new Date(item.at).toLocaleTimeString()})`;
      if (!item.problem) return line;
      const why = document.createElement('p');
      why.className = 'problem';
      why.setAttribute('role', 'alert');
      why.textContent = `${item.problem === 'closed' ? words.closed : words.wrong} ${item.why}`;
      const wrote = document.createElement('pre');
      wrote.textContent = JSON.stringify(item.body, undefined, 1);
      const discard = document.createElement('button');
      discard.type = 'button';
      discard.className = 'govuk-button govuk-button--secondary';
      discard.textContent = words.discard;
      discard.addEventListener('click', () => void drop(item.id).then(() => show()));
      line.append(why, wrote, discard);
      return line;
    }),
  );
  const waiting = items.filter(({ problem }) => !problem).length;
  state.textContent = told ?? (waiting > 0 ? `${words.waiting}: ${waiting}` : words.none);
}

async function upload(item, photo) {
  const body = new FormData();
  body.append('file', photo.blob, photo.name);
  const answer = await fetch('/api/v1/uploads', { method: 'POST', body });
  if (!answer.ok) return answer;
  item.body.papers.push({ kind: item.kind, upload: (await answer.json()).id });
  item.photos = item.photos.filter((each) => each !== photo);
  // What has arrived is not sent again, should the line be lost now.
  await put(item);
  return undefined;
}

async function send(item) {
  for (const photo of [...item.photos]) {
    const refused = await upload(item, photo);
    if (refused) return refused;
  }
  return fetch(item.to, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': item.key },
    body: JSON.stringify(item.body),
  });
}

let sending;
const sync = () => (sending ??= sendAll().finally(() => (sending = undefined)));

async function sendAll() {
  let sent = 0;
  for (const item of (await all()).filter(({ problem }) => !problem)) {
    let answer;
    try {
      answer = await send(item);
    } catch {
      return show(words.offline);
    }
    if (answer.ok) {
      sent++;
      await drop(item.id);
    } else if (answer.status === 401) return show(words.signin);
    else if (answer.status >= 500 || answer.status === 429) return show();
    else {
      const { type = '', detail = '', errors = [] } = await answer.json().catch(() => ({}));
      item.problem = type.endsWith('/invalid-form') ? 'wrong' : 'closed';
      item.why = [detail, ...errors.map((error) => error.detail)].join(' – ');
      await put(item);
    }
  }
  await show();
  // The next order, and what is done, come from the server.
  if (sent > 0 && (await all()).length === 0) setTimeout(() => location.reload(), 1500);
}

async function keep(item) {
  await put({ ...item, who: words.who, key: crypto.randomUUID(), at: new Date().toISOString() });
  await show();
  await sync();
}

/** Where the phone is, if it says so within some seconds: orders go on without it. */
const placeNow = () =>
  new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(undefined);
    const { geolocation } = navigator;
    const found = ({ coords: { latitude: lat, longitude: lng } }) => resolve({ lat, lng });
    geolocation.getCurrentPosition(found, () => resolve(undefined), { timeout: 4000, maximumAge: 60_000 });
  });

for (const order of document.querySelectorAll('[data-order]')) {
  const { order: id, kind, name } = order.dataset;
  for (const button of order.querySelectorAll('[data-status]'))
    button.addEventListener('click', async () => {
      button.disabled = true;
      const happenedAt = new Date().toISOString();
      const place = await placeNow();
      const body = { status: button.dataset.status, happenedAt, ...(place ? { place } : {}) };
      const told = document.createElement('li');
      told.textContent = `${button.textContent} – ${new Date().toLocaleTimeString()}`;
      order.querySelector('[data-told]').append(told);
      await keep({
        name,
        what: button.textContent,
        to: `/api/v1/tasks/${id}/progress`,
        body,
        photos: [],
        kind,
      });
      button.disabled = false;
    });
  const form = order.querySelector('form[data-complete]');
  form.addEventListener('submit', async (event) => {
    // Adding and removing rows asks the server; everything else can wait for it.
    if (event.submitter?.name && navigator.onLine) return;
    event.preventDefault();
    if (event.submitter?.name) {
      await show(words.offline);
      return;
    }
    const filled = {};
    for (const [field, value] of new FormData(form)) {
      if (field.startsWith('_') || typeof value !== 'string') continue;
      filled[field] = field in filled ? [filled[field], value].flat() : value;
    }
    const photos = [...(form.querySelector('[data-photos]')?.files ?? [])].map((blob) => ({
      blob,
      name: blob.name,
    }));
    await keep({
      name,
      what: words.complete,
      to: `/field/${id}`,
      body: { filled, papers: [] },
      photos,
      kind,
    });
    order.querySelector('details').open = false;
  });
}

addEventListener('online', () => void sync());
addEventListener('offline', () => void show(words.offline));
setInterval(() => void sync(), 30_000);
void show().then(sync);
if ('serviceWorker' in navigator) {
  const pictures = [...document.querySelectorAll('[data-order] img')].map(({ src }) => src);
  void navigator.serviceWorker
    .register('/field/worker.js', { scope: '/field' })
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => active?.postMessage(pictures));
}
