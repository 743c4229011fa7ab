/** Keeps the page of a team in the field, with what it needs, and answers with it when there is no network. */
const cache = 'field';
const assets = [];
const page = '/field';

const keepAssets = async () => (await caches.open(cache)).addAll(assets);
const keepPage = async (answer) => {
  // Led away to sign in: what the last one was told is not for the next one.
  if (answer.redirected || answer.type === 'opaqueredirect') await caches.delete(cache);
  else if (answer.ok) await (await caches.open(cache)).put(page, answer.clone());
};
const begin = async () => {
  await keepAssets();
  await keepPage(await fetch(page));
  await self.skipWaiting();
};

self.addEventListener('install', (event) => event.waitUntil(begin()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const isPage = request.mode === 'navigate' && new URL(request.url).pathname === page;
  const answer = fetch(request);
  event.respondWith(
    answer.then(
      async (fresh) => {
        if (isPage) await keepPage(fresh);
        return fresh;
      },
      async () => (await caches.match(isPage ? page : request)) ?? Response.error(),
    ),
  );
});
// The pictures of orders are kept while there is a network, for when there is none.
self.addEventListener('message', ({ data }) => {
  const keep = async () => {
    const store = await caches.open(cache);
    await Promise.all(
      data.map(async (address) => (await store.match(address)) ?? store.add(address).catch(() => undefined)),
    );
  };
  void keep();
});
