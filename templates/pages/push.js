/** Lets this browser be subscribed to notices; where it cannot be, the page says why. */
const form = document.querySelector('form[data-push]');
const possible = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

if (form && possible) {
  form.hidden = false;
  document.querySelector('[data-push-impossible]').hidden = true;
  form.addEventListener('submit', (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    void subscribe().catch(() => tell('failed'));
  });
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== 'granted') {
    tell('denied');
    return;
  }
  await navigator.serviceWorker.register('/account/push-worker.js', { scope: '/account/' });
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscription = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: form.dataset.push,
  });
  const { endpoint, keys } = subscription.toJSON();
  form.elements.endpoint.value = endpoint;
  form.elements.p256dh.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
  form.requestSubmit();
}

function tell(what) {
  for (const line of document.querySelectorAll('[data-push-told]'))
    line.hidden = line.dataset.pushTold !== what;
}
