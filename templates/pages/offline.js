/** The page that verifies statements without a network, on top of statement.js; every word of it stands in offline.hbs. */
import { isHolder, verifyStatement } from './statement.js';

// Keeps the page for when there is no network (offline-worker.js).
void navigator.serviceWorker?.register('/verify/offline-worker.js', { scope: '/verify' });

const form = document.querySelector('form[data-statement]');
if (form) {
  const keys = JSON.parse(document.querySelector('#keys').textContent);
  const { address, name } = form.elements;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void show(address.value, name.value, keys);
  });
  // Whoever scans a QR code without a network lands here with the statement in the address.
  if (location.hash.length > 1) {
    address.value = location.href;
    void show(location.href, '', keys);
  }
}

async function show(address, name, keys) {
  const statement = await verifyStatement(address.trim(), keys);
  const { verdict, claims } = statement;
  for (const answer of document.querySelectorAll('[data-verdict]'))
    answer.hidden = answer.dataset.verdict !== verdict;
  if (verdict !== 'genuine') return;
  const zone = { timeZone: 'Asia/Ho_Chi_Minh', day: '2-digit', month: '2-digit', year: 'numeric' };
  const issued = new Intl.DateTimeFormat('vi-VN', zone).format(new Date(claims.iat * 1000));
  const shown = { ...claims, iat: issued };
  for (const claim of document.querySelectorAll('[data-claim]')) {
    const value = shown[claim.dataset.claim];
    claim.textContent = value ?? '';
    claim.closest('div').hidden = value === undefined;
  }
  const asked = name.trim() === '' ? 'not-asked' : (await isHolder(statement, name)) ? 'same' : 'other';
  for (const holder of document.querySelectorAll('[data-holder]'))
    holder.hidden = holder.dataset.holder !== asked;
}
