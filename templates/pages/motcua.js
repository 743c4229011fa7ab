/** What a page can do better with a script; without it everything works too. */
import { initAll } from 'govuk-frontend';

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
initAll();

/** Questions that hang on the answer to another one are asked only then. */
for (const question of document.querySelectorAll('[data-asked-when]')) {
  const others = document.getElementsByName(question.dataset.askedWhen);
  const form = question.closest('form');
  const show = () => {
    const answer = new FormData(form).get(question.dataset.askedWhen);
    question.hidden = !question.dataset.is.split(' ').includes(String(answer));
  };
  for (const other of others) other.addEventListener('change', show);
  if (others.length > 0) show();
}
