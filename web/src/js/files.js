// files.js -- files of a record: dropped anywhere on their part they are sent like chosen ones; too large ones are said
// before they travel.
import { on, toast } from './dom.js';

document.documentElement.classList.add('js');
const send = (form, files) => {
  const most = Number(form.dataset.files);
  const large = [...files].find((file) => file.size > most);
  if (large) {
    toast(`${large.name} is larger than ${Math.round(most / 1048576)} MB. Nothing was sent.`, 'bad');
    return false;
  }
  return files.length > 0;
};
on('submit', 'form[data-files]', (event, form) => {
  const files = form.elements.file.files;
  if (files.length && !send(form, files)) event.preventDefault();
});
on('dragover', '.files', (event, box) => {
  const form = box.querySelector('form[data-files]');
  if (!form || !event.dataTransfer.types.includes('Files')) return;
  event.preventDefault();
  form.classList.add('is-over');
});
on('dragleave', '.files', (event, box) => {
  if (!box.contains(event.relatedTarget)) box.querySelector('form[data-files]')?.classList.remove('is-over');
});
on('drop', '.files', (event, box) => {
  const form = box.querySelector('form[data-files]');
  if (!form || !event.dataTransfer.files.length) return;
  event.preventDefault();
  form.classList.remove('is-over');
  if (!send(form, event.dataTransfer.files)) return;
  form.elements.file.files = event.dataTransfer.files;
  form.requestSubmit();
});
