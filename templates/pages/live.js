/**
 * Keeps a page as it is now: when something has changed, its parts are fetched anew. What somebody is working in is left
 * alone, and they are told instead. Without this script the page is as it was when it was loaded.
 */
const notice = document.querySelector('[data-live]');
const news = notice && new EventSource(notice.dataset.live);
const partsOf = (page) => [...page.querySelectorAll('[data-live-part]')];

let waiting = false;
async function renew() {
  if (waiting) return;
  waiting = true;
  // Many at once are one: whoever works through a queue changes it every few seconds.
  await new Promise((resolve) => setTimeout(resolve, 500));
  waiting = false;
  const parts = partsOf(document);
  if (parts.length === 0 || parts.some(isInUse)) {
    notice.hidden = false;
    return;
  }
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of parts) {
    const now = fresh.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
    if (now && now.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(now));
  }
}

const isInUse = (part) =>
  part.contains(document.activeElement) || part.querySelector('input:checked') !== null;

if (news) {
  for (const event of ['queues', 'case', 'refresh']) news.addEventListener(event, () => void renew());
  addEventListener('pagehide', () => news.close());
}
