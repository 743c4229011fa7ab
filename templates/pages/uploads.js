/** Sends the chosen files in pieces, so that a lost line only delays them; without this script the form sends them whole. */
import 'tus';

const form = document.querySelector('form[data-uploads]');
const list = form?.querySelector('[data-progress]');

form?.addEventListener('submit', (event) => {
  const { file, kind } = form.elements;
  if (!file.files.length || !window.tus?.isSupported) return;
  event.preventDefault();
  form.querySelector('button').disabled = true;
  void sendAll([...file.files], kind.value);
});

async function sendAll(files, kind) {
  const failed = [];
  for (const file of files) {
    try {
      await keep(await send(file), kind);
    } catch (error) {
      failed.push(file.name);
      tell(file, error.originalResponse?.getBody() || form.dataset.failed, 100);
    }
  }
  if (failed.length === 0) location.reload();
  else form.querySelector('button').disabled = false;
}

/** Resolves to the id of the upload. Goes on after an interruption, also when the page was closed meanwhile. */
function send(file) {
  return new Promise((resolve, reject) => {
    let kept = '';
    const upload = new window.tus.Upload(file, {
      endpoint: '/uploads/resumable',
      chunkSize: 512 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10_000, 20_000, 30_000],
      metadata: { filename: file.name },
      removeFingerprintOnSuccess: true,
      onAfterResponse: (_request, response) => {
        kept = response.getHeader('Upload-Kept') ?? kept;
      },
      onProgress: (sent, whole) => tell(file, '', Math.round((sent / whole) * 100)),
      onError: reject,
      onSuccess: () => resolve(kept),
    });
    void upload.findPreviousUploads().then(([earlier]) => {
      if (earlier) upload.resumeFromPreviousUpload(earlier);
      upload.start();
    });
  });
}

async function keep(upload, kind) {
  const body = new URLSearchParams({ upload, kind, _csrf: form.elements._csrf.value });
  const brought = form.elements.brought?.value;
  if (brought) body.set('brought', brought);
  const answer = await fetch(`${form.getAttribute('action')}/uploaded`, {
    method: 'POST',
    body,
    redirect: 'manual',
  });
  if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(form.dataset.failed);
}

function tell(file, text, percent) {
  const id = `progress-${[...file.name].map((letter) => letter.codePointAt(0)).join('')}`;
  let line = document.getElementById(id);
  if (!line) {
    line = document.createElement('li');
    line.id = id;
    line.innerHTML = '<span></span> <progress max="100"></progress>';
    line.firstChild.textContent = file.name;
    list.append(line);
  }
  const bar = line.querySelector('progress');
  if (bar) bar.value = percent;
  if (text) line.firstChild.textContent = `${file.name}: ${text}`;
}
