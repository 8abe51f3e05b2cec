// pages.mjs -- the main pages, as a list: what access.spec.mjs checks and looks.spec.mjs takes pictures of.

/* Each: name, and the path as a function of what the company has ({ contact, company, deal, form, campaign }). */
export const mainPages = [
  ['home', () => '/'],
  ['contacts', () => '/contacts'],
  ['contact', ({ contact }) => `/contacts/${contact}`],
  ['companies', () => '/companies'],
  ['company', ({ company }) => `/companies/${company}`],
  ['deals', () => '/deals'],
  ['deal', ({ deal }) => `/deals/${deal}`],
  ['board', () => '/deals/board'],
  ['leads', ({ handoff }) => (handoff ? `/leads?all=1&id=${handoff}` : '/leads?all=1')],
  ['campaigns', () => '/campaigns'],
  ['campaign', ({ campaign }) => `/campaigns/${campaign}`],
  ['forms', () => '/forms'],
  ['form', ({ form }) => `/forms/${form}`],
  ['form-build', ({ form }) => `/forms/${form}/build`],
  ['public-form', ({ slug }) => `/f/${slug}`],
  ['new-deal', () => '/deals/new'],
  ['metrics', () => '/insight/metrics'],
  ['metric', () => '/insight/metrics/revenue'],
  ['dashboards', () => '/dashboards'],
  ['dashboard', ({ dashboard }) => `/dashboards/${dashboard}`],
  ['new-tile', ({ dashboard }) => `/dashboards/${dashboard}/tiles/new?chart=bar&metric1=deals_created&dimension=owner`],
  ['wall', ({ dashboard }) => `/dashboards/${dashboard}/wall`],
  ['traffic', () => '/traffic'],
  ['traffic-list', () => '/traffic/list?by=page'],
  ['funnel', () => '/insight/funnel?by=channel&reached=4'],
  ['attribution', () => '/insight/attribution'],
  ['retention', () => '/insight/retention'],
  ['paths', () => '/insight/paths'],
  ['settings', () => '/settings'],
  ['workspace', () => '/settings/workspace'],
  ['jobs', () => '/settings/jobs'],
  ['import', () => '/settings/import'],
  ['notifications', () => '/notifications'],
  ['search', () => '/search?q=an'],
];

/* Ids of one record of each type, as the API lists them first. */
export async function samples(furrow, mail) {
  const first = async (path) => (await furrow.api(mail, path)).data[0];
  const [contact, company, deal, campaign, form, handoff, dashboard] = await Promise.all([
    first('/contacts?sort=-score&limit=1'), first('/companies?limit=1'), first('/deals?sort=-amount&limit=1'), first('/campaigns?limit=1'),
    first(`/forms?limit=1&filter=${encodeURIComponent("status = 'published'")}`), first('/handoffs?limit=1'),
    first(`/dashboards?limit=1&filter=${encodeURIComponent("name starts 'Marketing'")}`),
  ]);
  return {
    contact: contact?.id, company: company?.id, deal: deal?.id, campaign: campaign?.id, form: form?.id, slug: form?.slug, handoff: handoff?.id,
    dashboard: dashboard?.id,
  };
}
