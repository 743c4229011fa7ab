/** Keeps what the verification of QR codes needs without a network, and answers with it when there is none. */
const cache = 'verify';
const files = [
  '/verify/offline?lang=vi',
  '/verify/offline?lang=en',
  '/verify/offline.js',
  '/verify/statement.js',
  'motcua.css',
];

const keep = async () => (await caches.open(cache)).addAll(files);

self.addEventListener('install', (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const page = request.mode === 'navigate';
  const answer = fetch(request);
  event.respondWith(answer.catch(() => caches.match(page ? pageFor(request) : request)));
  // Newer keys of the issuer reach the kept page whenever somebody opens one with a network.
  if (page) event.waitUntil(answer.then(keep, () => undefined));
});

function pageFor({ url }) {
  const chosen = new URL(url).searchParams.get('lang') ?? navigator.language.slice(0, 2);
  return `/verify/offline?lang=${chosen === 'vi' ? 'vi' : 'en'}`;
}
