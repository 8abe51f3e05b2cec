// book.js -- booking pages in the visitor's own time zone: who did not choose one gets the browser's.
const form = document.querySelector('form[data-zone]');
if (form) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const here = new URL(location.href);
  if (zone && zone !== form.dataset.zone && !here.searchParams.has('tz')) {
    here.searchParams.set('tz', zone);
    location.replace(here);
  }
  const choice = form.querySelector('select');
  choice.addEventListener('change', () => form.requestSubmit());
  form.querySelector('button').hidden = true;
}
