// fixtures.mjs -- one value tree for each template, with the content of a company one could believe in. They
// double as examples of the trees that the templates document.

const DAY = 'Tuesday 3 March 2026';
const value = (kind, text, more = {}) => ({ kind, is: { [kind]: true }, text, ...more });
export const v = {
  text: (text) => value('text', text),
  title: (text, url, initials = '', hue = 0) => value('title', text, { url, initials, hue }),
  money: (text) => value('money', text),
  number: (text) => value('integer', text),
  percent: (text) => value('percent', text),
  date: (text, full = DAY) => value('date', text, { iso: '2026-03-03T10:00:00Z', full }),
  due: (text, tone) => value('due', text, { tone, iso: '2026-03-03T14:00:00Z', full: `${DAY}, 15:00` }),
  choice: (text, tone) => value('choice', text, { tone, value: text.toLowerCase() }),
  ref: (text, url) => value('ref', text, { url }),
  person: (text, hue) => value('person', text, {
    hue, initials: text.split(' ').map((word) => word[0]).join('').slice(0, 2),
  }),
  tags: (...tags) => value('tags', tags.join(', '), { tags: tags.map((text) => ({ text })) }),
  email: (text) => value('email', text),
  phone: (text) => value('phone', text),
  url: (text) => value('url', text, { url: `https://${text}` }),
  channel: (text, code) => value('channel', text, { value: code }),
  score: (n) => value('score', String(n), { percent: n, tone: n >= 60 ? 'green' : n >= 30 ? 'amber' : 'grey' }),
  bool: (on) => value('bool', on ? 'Yes' : 'No', { on }),
  longtext: (text) => value('longtext', text),
  empty: () => value('empty', ''),
};
const when = (text, full = `${DAY}, 10:00`) => ({ text, iso: '2026-03-03T10:00:00Z', full });
const people = {
  mara: v.person('Mara Lindqvist', 3), tom: v.person('Tom Okafor', 1), ines: v.person('Inês Duarte', 5),
  jonas: v.person('Jonas Weber', 2), priya: v.person('Priya Nair', 4),
};
const action = (text, url, more = {}) => ({
  text, url, post: false, primary: false, danger: false, confirm: '', icon: '', ...more,
});

const section = (text, icon, url, items, on = '') => ({
  text, icon, url, on: on === text || items.some(([t]) => t === on),
  name: text.toLowerCase(), open: items.length > 0, more: null,
  items: items.map(([t, u]) => ({ text: t, url: u, on: t === on })),
});
const shell = (on) => ({
  lang: 'en', theme: 'light', csrf: 'c5f1', workspace: 'Northfield Instruments', public_url: 'https://crm.northfield.example', live_url: '', unread: '3', flash: [],
  user: { text: 'Jonas Weber', initials: 'JW', hue: 2, email: 'jonas.weber@northfield.example', url: '/me', admin: true },
  nav: [
    section('Home', 'home', '/', [], on),
    section('Contacts', 'users', '/contacts', [], on),
    section('Companies', 'building', '/companies', [], on),
    section('Marketing', 'speakerphone', '/marketing', [['Traffic', '/traffic'], ['Campaigns', '/campaigns'],
      ['Forms', '/forms'], ['Scoring', '/scoring']], on),
    section('Sales', 'heart-handshake', '/sales', [['Lead inbox', '/leads/inbox'], ['Deals', '/deals'],
      ['Board', '/deals/board'], ['Tasks', '/tasks']], on),
    section('Service', 'lifebuoy', '/service', [['Tickets', '/tickets']], on),
    section('Insight', 'chart-line', '/insight', [['Metrics', '/metrics-catalogue'], ['Funnel', '/funnel']], on),
    section('Settings', 'settings', '/settings', [], on),
  ],
  create: [['Contact', '/contacts/new'], ['Company', '/companies/new'], ['Deal', '/deals/new'], ['Task', '/tasks/new'],
    ['Campaign', '/campaigns/new'], ['Form', '/forms/new']].map(([text, url]) => ({ text, url })),
});
const deals = { name: 'deal', label: 'deal', lower: 'deal', plural: 'Deals', url: '/deals' };

/* ---- list ---- */
const dealRows = [
  ['Calibration bench, Lyon lab', 'Sandoval Biotech', 'Proposal', 'blue', '€48,200', 'in 9 days', people.jonas, 'Paid search', 'paid-search', 78],
  ['Flow meters, 40 units', 'Harrow Water', 'Negotiation', 'violet', '€126,000', 'in 3 days', people.priya, 'Referral', 'referral', 91],
  ['Renewal 2026', 'Castellan Foods', 'Qualified', 'teal', '€18,450', 'in 4 weeks', people.jonas, 'Email', 'email', 64],
  ['pH probes for pilot line', 'Nordlicht Chemie GmbH', 'Qualified', 'teal', '€9,900', '2 days ago', people.ines, 'Organic search', 'organic-search', 47],
  ['Spectrometer upgrade', 'University of Aarhus', 'Proposal', 'blue', '€73,500', 'in 2 weeks', people.priya, 'Organic search', 'organic-search', 82],
  ['Service contract, three sites', 'Oakhurst Dairy', 'Negotiation', 'violet', '€31,200', 'tomorrow', people.tom, 'Direct', 'direct', 70],
  ['Portable analysers', 'Ferro Tubos SA', 'New', 'grey', '€22,000', 'in 6 weeks', people.ines, 'Paid social', 'paid-social', 38],
  ['Leak detection pilot', 'Stadtwerke Kandel', 'Qualified', 'teal', '€14,700', 'in 5 weeks', people.jonas, 'Organic social', 'organic-social', 55],
  ['Turbidity sensors', 'Brauerei Altmann', 'New', 'grey', '€6,300', 'in 2 months', people.tom, 'Paid search', 'paid-search', 29],
  ['Lab information connector', 'Meridian Pharma', 'Proposal', 'blue', '€58,000', 'in 11 days', people.priya, 'Email', 'email', 73],
  ['Replacement of six titrators', 'Kestrel Labs', 'Won', 'green', '€41,760', '5 days ago', people.jonas, 'Referral', 'referral', 88],
  ['Gas sampling line', 'Volta Energi', 'Lost', 'red', '€27,900', '8 days ago', people.ines, 'Direct', 'direct', 21],
  ['Demo units for trade fair', 'Papier Rhône', 'New', 'grey', '€4,150', 'in 7 weeks', people.tom, 'Other', 'other', 18],
];
const initials = (text) => text.split(' ').map((word) => word[0]).join('').slice(0, 2).toUpperCase();
const filterFields = [['stage_id', 'Stage', true], ['amount', 'Amount'], ['owner_id', 'Owner'], ['close_date', 'Expected close'],
  ['company.country', 'Company: country']].map(([code, text, selected = false]) => ({ value: code, text, selected }));
const operators = ['is', 'is not', 'is any of', 'is known', 'is not known']
  .map((text, i) => ({ value: text.replace(/ /g, '_'), text, selected: i === 0 }));
const stageChoices = (chosen) => ['New', 'Qualified', 'Proposal', 'Negotiation', 'Won', 'Lost']
  .map((text) => ({ value: text.toLowerCase(), text, selected: text === chosen }));
const input = (field, label, is, text, more = {}) => ({
  field, label, kind: more.kind ?? is, is: { [is]: true }, value: text, optional: false, ...(is === 'line'
    ? { input_type: 'text', inputmode: 'text', autocomplete: 'off' } : {}), ...(is === 'area' ? { rows: 3 } : {}), ...more,
});
const list = {
  title: 'Deals', type: deals, can_create: true, count: '2,431 deals', count_url: '', live: 'deal',
  shell: shell('Deals'), crumbs: [{ text: 'Sales', url: '/sales' }],
  has_layouts: true, layouts: [{ text: 'Table', url: '/deals', on: true }, { text: 'Board', url: '/deals/board', on: false }],
  has_views: true, view_save: true,
  views: [['All deals', false], ['My open deals', true], ['Closing this month', false], ['Gone quiet', false]]
    .map(([text, on]) => ({ text, url: '/deals?view=1', on })),
  search: { value: '' },
  filter: {
    chips: [
      { label: 'Owner', op_text: 'is', value_text: 'me or my team', remove_url: '/deals?x=1' },
      { label: 'Amount', op_text: 'over', value_text: '€4,000', remove_url: '/deals?x=2' },
    ],
    clear_url: '/deals', fields: filterFields, keep: [{ field: 'sort', value: 'close_date' }], operators,
    input: input('add_value', 'Value', 'choice', '', { choices: stageChoices('New') }),
  },
  columns: [['name', 'Name', 'title'], ['company_id', 'Company', 'ref'], ['stage_id', 'Stage', 'choice'], ['amount', 'Amount', 'money'],
    ['close_date', 'Expected close', 'date'], ['owner_id', 'Owner', 'person'], ['channel', 'First touch', 'channel'], ['score', 'Score', 'score']]
    .map(([field, label, kind]) => ({
      field, label, kind, sort_url: `/deals?sort=${field}`, aria_sort: field === 'close_date' ? 'ascending' : 'none',
    })),
  rows: dealRows.map(([name, company, stage, tone, amount, close, owner, channel, code, score], i) => ({
    id: `0DEAL${i}`, url: `/deals/0DEAL${i}`, cells: [v.title(name, `/deals/0DEAL${i}`), v.ref(company, '/companies/0C'),
      v.choice(stage, tone), v.money(amount), v.date(close), owner, v.channel(channel, code), v.score(score)],
  })),
  has_bulk: true,
  bulk: [['owner', 'Give to somebody else'], ['stage', 'Set the stage'], ['tag', 'Add a tag'], ['delete', 'Move to the trash']]
    .map(([code, text]) => ({ value: code, text })),
  chooser: [['Company', true], ['Stage', true], ['Amount', true], ['Expected close', true], ['Owner', true], ['Lost reason', false],
    ['Created', false]].map(([label, on]) => ({ field: label.toLowerCase(), label, on })),
  csv_url: '/deals.csv', pager: { text: '1–50 of 2,431', older_url: '/deals?cursor=1' },
};

/* ---- record ---- */
const fact = (field, label, shown, editable = true) => ({ field, label, editable, ...shown });
const contactType = { name: 'contact', label: 'contact', lower: 'contact', plural: 'Contacts', url: '/contacts' };
const ev = (kind, icon, time, text, more = {}) => ({
  is: { [kind]: true }, icon, time, iso: '2026-03-03T10:00:00Z', full: `${DAY}, ${time}`, text, detail: '', who: '', url: '', tone: '',
  amount: '', body: '', channel: null, pages: [], ...more,
});
const pages = (...rows) => rows.map(([time, text, path, seconds_text]) => ({
  time, text, path, seconds_text, url: `https://northfield.example${path}`,
}));
const composer = {
  action: '/contacts/0A/journal', submit: 'Save note',
  tabs: [['Note', 'note'], ['Call', 'phone'], ['Meeting', 'calendar-event'], ['Task', 'checkbox'], ['Comment', 'message']]
    .map(([text, icon], i) => ({ text, icon, url: `/contacts/0A?compose=${icon}`, on: i === 0 })),
  inputs: [input('body', 'What should the others know?', 'area', '', { kind: 'longtext' })],
};
const journey = {
  kinds: ['All', 'Web', 'Mail', 'Calls and meetings', 'Money', 'Changes'].map((text, i) => ({ text, url: '/contacts/0A?kind=1', on: i === 0 })),
  none: '', older_url: '/contacts/0A?before=1', start: '',
  days: [
    {
      text: 'Tuesday 3 March', iso: '2026-03-03', items: [
        ev('money', 'trophy', '16:40', 'Deal won', { tone: 'green', amount: '€48,200', url: '/deals/0D', detail: 'Calibration bench, Lyon lab', who: 'Jonas Weber' }),
        ev('event', 'phone', '15:10', 'Call, 14 min', { who: 'Jonas Weber', body: 'Agreed on delivery in week 14 and two days of training on site.\nPurchase order follows today.' }),
      ],
    },
    {
      text: 'Thursday 19 February', iso: '2026-02-19', items: [
        ev('chapter', 'flag', '11:02', 'Proposal → Negotiation', { tone: 'violet', url: '/deals/0D', detail: 'after 12 days in Proposal', who: 'Jonas Weber' }),
        ev('visit', 'world', '09:31', 'Visited 3 pages, 5 min', { channel: { value: 'email', text: 'Email' }, detail: 'from “Your quote”', pages: pages(['09:31', 'Calibration bench CB-4', '/products/cb-4', '2 min 40 s'], ['09:34', 'Service levels', '/service', '1 min 5 s'], ['09:35', 'References in pharma', '/references/pharma', '1 min 12 s']) }),
      ],
    },
    {
      text: 'Wednesday 4 February', iso: '2026-02-04', items: [
        ev('chapter', 'arrows-exchange', '13:20', 'Sales accepted the lead', { tone: 'green', detail: '1 h 48 min after the hand-off', who: 'Jonas Weber' }),
        ev('event', 'calendar-event', '12:00', 'Meeting: first look at the lab', { who: 'Jonas Weber', detail: '45 min, Lyon' }),
        ev('chapter', 'arrows-exchange', '11:32', 'Marketing handed over to Sales', { tone: 'teal', detail: 'score 84, asked for prices twice', who: 'Mara Lindqvist' }),
        ev('event', 'clipboard-list', '11:28', 'Filled in “Ask for a quote”', { url: '/forms/0F', channel: { value: 'paid-search', text: 'Paid search' }, detail: 'campaign lab-upgrade-26', body: 'We are replacing four benches in Lyon and one in Ghent. What would lead times be?' }),
        ev('visit', 'world', '11:14', 'Visited 6 pages, 14 min', { channel: { value: 'paid-search', text: 'Paid search' }, detail: 'Google, “calibration bench iso 17025”', pages: pages(['11:14', 'Calibration benches', '/products/calibration', '3 min 2 s'], ['11:17', 'Calibration bench CB-4', '/products/cb-4', '5 min 41 s'], ['11:23', 'Prices', '/prices', '2 min 20 s'], ['11:25', 'Ask for a quote', '/quote', '2 min 50 s']) }),
      ],
    },
    {
      text: 'Monday 12 January', iso: '2026-01-12', items: [
        ev('event', 'mail-opened', '08:55', 'Opened “ISO 17025 in six steps”', { channel: { value: 'email', text: 'Email' }, detail: 'newsletter January' }),
        ev('visit', 'world', '08:52', 'Visited 1 page, 40 s', { channel: { value: 'organic-search', text: 'Organic search' }, pages: pages(['08:52', 'ISO 17025 in six steps', '/guides/iso-17025', '40 s']) }),
      ],
    },
  ],
};
const score = {
  text: '84', percent: 84, tone: 'green', label: 'Score', band: 'over the line of 60', grade: 'A',
  grade_text: 'Fit: size, trade and country match', url: '/contacts/0A/score',
  reasons: [['+30', 'Asked for a quote', '4 Feb'], ['+20', 'Looked at prices, 2 visits', '4 Feb'], ['+15', 'Head of a department', ''], ['+12', 'Came back within a week', '19 Feb'], ['+7', 'Opened 3 mails', '12 Jan']]
    .map(([points, text, day]) => ({ points, text, when: day ? when(day) : null })),
};
const related = (text, url, rows) => ({
  text, url, count: String(rows.length), add_url: `${url}/new`,
  rows: rows.map(([name, ...values]) => ({ text: name, url: `${url}/0R`, values })),
});
const contact = {
  title: 'Camille Fournier', type: contactType, record: { id: '0A', url: '/contacts/0A', version: 7 }, live: 'contact',
  shell: shell('Contacts'), crumbs: [{ text: 'Contacts', url: '/contacts' }],
  subtitle: 'Head of metrology at Sandoval Biotech', mark: { initials: 'CF', hue: 3 },
  highlights: [{ label: 'Lifecycle', ...v.choice('Customer', 'green') }, { label: 'Owner', ...people.jonas },
    { label: 'First touch', ...v.channel('Paid search', 'paid-search') }, { label: 'Won so far', ...v.money('€48,200') }, { label: 'Last seen', ...v.date('2 hours ago') }],
  primary: action('Log a call', '/contacts/0A?compose=call', { primary: true, icon: 'phone' }),
  can_edit: true, has_actions: true,
  actions: [action('Hand over to somebody else', '/contacts/0A/handoff'), action('Merge with another', '/contacts/0A/merge'),
    action('Move to the trash', '/contacts/0A/delete', { post: true, danger: true, confirm: 'Move Camille Fournier to the trash? The journey is kept for 30 days.' })],
  facts: [
    { text: 'About', items: [fact('email', 'Mail', v.email('c.fournier@sandoval-biotech.example')), fact('phone', 'Phone', v.phone('+33 4 72 00 18 44')),
      fact('company_id', 'Company', v.ref('Sandoval Biotech', '/companies/0C')), fact('job', 'Job', v.text('Head of metrology')), fact('language', 'Language', v.text('French')), fact('tags', 'Tags', v.tags('pharma', 'lyon', 'decision maker'))] },
    { text: 'Lead', items: [fact('lifecycle', 'Lifecycle', v.choice('Customer', 'green')), fact('status', 'Lead status', v.choice('Connected', 'blue')), fact('source', 'Source', v.channel('Paid search', 'paid-search'), false), fact('owner_id', 'Owner', people.jonas), fact('created', 'First seen', v.date('12 January', 'Monday 12 January 2026, 08:52'), false)] },
    { text: 'Consent', items: [fact('newsletter', 'Newsletter', v.bool(true)), fact('calls', 'Calls', v.empty())] },
  ],
  composer, has_journey: true, journey, score,
  related: [
    related('Deals', '/deals', [['Calibration bench, Lyon lab', v.choice('Won', 'green'), v.money('€48,200')], ['Second bench, Ghent', v.choice('Qualified', 'teal'), v.money('€39,500'), v.date('in 5 weeks')]]),
    related('Tasks', '/tasks', [['Send training dates', v.due('due in 2 days', 'calm'), people.jonas]]),
    related('Forms', '/submissions', [['Ask for a quote', v.date('4 February')]]),
  ],
  has_bare: true, bare: [{ text: 'Tickets', add_url: '/tickets/new' }, { text: 'Mails', add_url: '' }],
  history_url: '/contacts/0A/history',
};

/* ---- form ---- */
const form = {
  title: 'New deal', shell: shell('Deals'), crumbs: [{ text: 'Sales', url: '/sales' }, { text: 'Deals', url: '/deals' }],
  form: {
    action: '/deals/new', submit: 'Create deal', cancel_url: '/deals', groups: [
      { text: '', fields: [
        input('name', 'Name', 'line', 'Second bench, Ghent', { kind: 'text', max: 200 }),
        input('company_id', 'Company', 'ref', '', { search_url: '/search?type=company', choices: [{ value: '', text: '', selected: false }, { value: '0C', text: 'Sandoval Biotech', selected: true }, { value: '0E', text: 'Harrow Water', selected: false }] }),
        input('amount', 'Amount', 'money', '39,500.00', { currencies: ['EUR', 'GBP', 'USD'].map((code) => ({ value: code, selected: code === 'EUR' })), help: 'Before tax.' }),
        input('stage_id', 'Stage', 'choice', '', { choices: stageChoices('Qualified') }),
        input('close_date', 'Expected close', 'line', '2026-02-31', { kind: 'date', error: '31 February 2026 does not exist. Choose another day.' }),
      ] },
      { text: 'More', fields: [
        input('tags', 'Tags', 'tags', 'pharma, second site', { optional: true }),
        input('note', 'What is it about?', 'area', '', { kind: 'longtext', optional: true, help: 'Shown on the board and in the hand-over.' }),
        input('renewal', 'This is a renewal', 'bool', '', { on: false, optional: true }),
      ] },
    ],
  },
  has_errors: true, errors: [{ field: 'close_date', text: 'Expected close: 31 February 2026 does not exist. Choose another day.' }],
};

/* ---- board ---- */
const card = (name, amount, owner, close, percent, tone, days, i) => ({
  id: `0B${i}`, url: `/deals/0B${i}`, version: 3, text: name, facts: [v.money(amount), v.date(close), owner],
  age: { part: Math.round(percent / 5), tone, text: `${days} days in this stage` }, moves: stageChoices('Qualified'),
});
const column = (text, tone, count, sum, cards, terminal = false) => ({
  value: text.toLowerCase(), text, tone, count, sum, terminal, more_url: '', cards: cards.map((c, i) => card(...c, `${text}${i}`)),
});
const board = {
  can_move: true,
  title: 'Deals', type: deals, can_create: true, field: 'stage_id', live: 'deal', hint: '', total: '38 open deals, €612,450 in all, €318,000 weighted', shell: shell('Board'),
  crumbs: [{ text: 'Sales', url: '/sales' }], has_pick: false, has_layouts: true, layouts: [{ text: 'Table', url: '/deals', on: false }, { text: 'Board', url: '/deals/board', on: true }],
  columns: [
    column('New', 'grey', '11', '€74,300', [['Portable analysers, Ferro Tubos', '€22,000', people.ines, 'in 6 weeks', 20, 'green', 3], ['Turbidity sensors, Brauerei Altmann', '€6,300', people.tom, 'in 2 months', 35, 'green', 5], ['Demo units for trade fair, Papier Rhône', '€4,150', people.tom, 'in 7 weeks', 90, 'red', 26]]),
    column('Qualified', 'teal', '12', '€151,900', [['Renewal 2026, Castellan Foods', '€18,450', people.jonas, 'in 4 weeks', 40, 'green', 8], ['pH probes for pilot line, Nordlicht Chemie', '€9,900', people.ines, '2 days ago', 70, 'amber', 17], ['Second bench, Ghent, Sandoval Biotech', '€39,500', people.jonas, 'in 5 weeks', 10, 'green', 1], ['Leak detection pilot, Stadtwerke Kandel', '€14,700', people.jonas, 'in 5 weeks', 30, 'green', 6]]),
    column('Proposal', 'blue', '9', '€228,050', [['Spectrometer upgrade, University of Aarhus', '€73,500', people.priya, 'in 2 weeks', 55, 'amber', 12], ['Lab information connector, Meridian Pharma', '€58,000', people.priya, 'in 11 days', 25, 'green', 4]]),
    column('Negotiation', 'violet', '6', '€158,200', [['Flow meters, 40 units, Harrow Water', '€126,000', people.priya, 'in 3 days', 60, 'amber', 14], ['Service contract, Oakhurst Dairy', '€31,200', people.tom, 'tomorrow', 15, 'green', 2]]),
    column('Won', 'green', '4', '€112,900', [['Replacement of six titrators, Kestrel Labs', '€41,760', people.jonas, '5 days ago', 0, 'grey', 5]], true),
    column('Lost', 'red', '3', '€41,000', [], true),
  ],
};

/* ---- home ---- */
const period = {
  text: 'Last 30 days', against: 'compared with the 30 days before',
  options: ['7 days', '30 days', 'Quarter', 'Year'].map((text, i) => ({ text, url: `/?period=${i}`, on: i === 1 })),
};
function shapes(numbers) {
  const height = (n) => 100 * Math.log(1 + n) / Math.log(1 + numbers[0]);
  return numbers.map((n, i) => {
    const a = height(n) / 2;
    const b = height(numbers[Math.min(i + 1, numbers.length - 1)]) / 2;
    return `0,${50 - a} 50,${50 - a} 100,${50 - b} 100,${50 + b} 50,${50 + a} 0,${50 + a}`;
  });
}
const band = shapes([48210, 31480, 1204, 312, 190, 84, 31, 31]);
const step = (i, text, shown, rate) => ({ text, value: shown, rate, url: '/insight', shape: band[i] });
const tile = (text, shown, change, points, unit = '') => ({
  name: text.toLowerCase(), text, value: shown, unit, url: '/metrics-catalogue/x', rows_url: '/deals?x=1', points, change,
  definition: `${text}: counted in the workspace's time zone, by the day it happened.`,
});
const change = (text, sign, good) => ({ text, sign, good });
const home = {
  title: 'Home', shell: shell('Home'), period,
  queue: {
    count: '9', none: '', groups: [
      { text: 'Hand-offs waiting for an answer', items: [
        { text: 'Helena Brandt, Nordlicht Chemie', url: '/leads/1', detail: 'Score 78. Asked for prices, read the probe guide twice.', due: v.due('48 min left', 'soon'), actions: [action('Accept lead', '/leads/1/accept', { post: true, primary: true }), action('Look first', '/leads/1')] },
        { text: 'Ruben Castro, Ferro Tubos', url: '/leads/2', detail: 'Score 61. Downloaded the analyser brochure.', due: v.due('3 h 10 min left', 'calm'), actions: [action('Accept lead', '/leads/2/accept', { post: true, primary: true }), action('Look first', '/leads/2')] },
      ] },
      { text: 'Tasks', items: [
        { text: 'Send training dates to Camille Fournier', url: '/tasks/1', detail: 'Sandoval Biotech', due: v.due('2 days late', 'late'), actions: [] },
        { text: 'Prepare offer for Meridian Pharma', url: '/tasks/2', detail: 'Lab information connector, €58,000', due: v.due('today', 'soon'), actions: [] },
      ] },
      { text: 'Replies', items: [
        { text: 'Anders Holm answered “Spectrometer upgrade”', url: '/contacts/3', detail: '“Could we split the delivery over two budgets?”', due: v.due('since 2 h', 'calm'), actions: [] },
      ] },
    ],
  },
  funnel: {
    text: '48,210 visits became 31,480 visitors, 1,204 leads, 312 qualified leads, 190 accepted, 84 deals and 31 won for 212,400 euros.',
    halves: [
      { team: 'marketing', text: 'Marketing', steps: [step(0, 'Visits', '48,210', ''), step(1, 'Visitors', '31,480', '65% of visits'), step(2, 'New leads', '1,204', '3.8% of visitors'), step(3, 'MQLs', '312', '26% of leads')] },
      { team: 'sales', text: 'Sales', steps: [step(4, 'Accepted', '190', '61% of MQLs'), step(5, 'Deals', '84', '44% of accepted'), step(6, 'Won', '31', '37% of deals'), step(7, 'Revenue', '€212,400', '€6,850 a deal')] },
    ],
    handoff: { text: '61% accepted, 2 h 5 min median in working hours; 12 waiting now', url: '/handoffs' },
  },
  tiles: [
    tile('New leads', '1,204', change('12% more than before', 'up', true), '0,18 12,16 25,17 38,12 50,14 62,9 75,11 88,6 100,4'),
    tile('Pipeline value', '€612,450', change('4% more than before', 'up', true), '0,14 12,15 25,12 38,13 50,10 62,11 75,8 88,9 100,8'),
    tile('Win rate', '37%', change('3 points less than before', 'down', false), '0,6 12,8 25,7 38,10 50,9 62,13 75,12 88,14 100,15'),
    tile('Average deal size', '€6,850', change('same as before', 'flat', true), '0,12 12,11 25,12 38,13 50,12 62,11 75,12 88,12 100,12'),
    tile('Time to accept', '2 h 5 min', change('40 min faster than before', 'down', true), '0,4 12,6 25,7 38,8 50,12 62,11 75,15 88,17 100,18'),
    tile('Engaged contacts', '3,918', change('8% more than before', 'up', true), '0,19 12,17 25,18 38,15 50,13 62,12 75,10 88,9 100,6'),
  ],
  channels: {
    text: 'Revenue by first-touch channel', url: '/metrics-catalogue/revenue', total: '€212,400', definition: 'Amount of deals won in the period, given to the channel of the first visit of the contact.',
    rows: [['Paid search', 'paid-search', '9,120', '402', '11', '€84,200', 100], ['Organic search', 'organic-search', '11,430', '388', '9', '€61,700', 73], ['Email', 'email', '3,010', '171', '5', '€28,900', 34], ['Referral', 'referral', '1,870', '96', '3', '€21,100', 25], ['Organic social', 'organic-social', '2,240', '58', '1', '€8,400', 10], ['Direct', 'direct', '3,150', '71', '1', '€5,200', 6], ['Paid social', 'paid-social', '660', '18', '1', '€2,900', 3]]
      .map(([text, code, visitors, leads, won, revenue, percent]) => ({ channel: { value: code, text }, visitors, leads, won, revenue, percent, url: '/deals?x' })),
  },
  has_changed: true, has_steps: true,
  steps: [{ text: 'Put one line of script on your web site', detail: 'Visitors arrive at once.', url: '/sites/new', done: true },
    { text: 'Bring your contacts', detail: 'From a CSV file.', url: '/settings/import', done: false }],
  changed: [
    { icon: 'trophy', text: 'Camille Fournier became a customer', detail: '€48,200, Jonas Weber', url: '/contacts/0A', when: when('2 h') },
    { icon: 'speakerphone', text: 'Campaign lab-upgrade-26 passed 100 leads', detail: 'Mara Lindqvist', url: '/campaigns/1', when: when('5 h') },
    { icon: 'flag', text: '3 deals moved to Negotiation', detail: 'Priya Nair', url: '/deals', when: when('yesterday') },
  ],
};

/* ---- metric ---- */
const weeks = ['5 Jan', '12 Jan', '19 Jan', '26 Jan', '2 Feb', '9 Feb', '16 Feb', '23 Feb', '2 Mar'];
const now = [31, 34, 33, 38, 41, 36, 39, 35, 37];
const before = [28, 30, 35, 33, 36, 38, 34, 37, 40];
const metric = {
  title: 'Win rate', shell: shell('Metrics'), crumbs: [{ text: 'Insight', url: '/insight' }, { text: 'Metrics', url: '/metrics-catalogue' }], period,
  name: 'win_rate', value: '37%', unit: '', change: change('3 points less than the 30 days before', 'down', false), rows_url: '/deals?x=1',
  definition: 'Deals won, of all deals closed in the period, by number.', formula: 'won / (won + lost)',
  chart: { kind: 'line', text: 'Win rate by week', unit: '%', columns: [{ text: 'This quarter', color: 'series-1' }, { text: 'Quarter before', color: 'compare' }],
    rows: weeks.map((text, i) => ({ text, values: [{ text: `${now[i]}%`, number: now[i] }, { text: `${before[i]}%`, number: before[i] }] })) },
  as_of: { action: '/insight/metrics/win_rate', kept: [{ name: 'period', value: 'last_30_days' }], value: '2026-05-01', max: '2026-11-30', day: '1 May 2026', now_url: '/x' },
  facts: [['Source', 'Worked out of other metrics', ''], ['Team', 'Sales', ''], ['Owner', 'Jonas Weber', '/metric-owners/1']].map(([label, text, url]) => ({ label, text, url })),
  targets: {
    now: '92% of 40.0 %', new_url: '/targets/new?metric=win_rate', all_url: '/targets', has_rows: true, has_months: true,
    rows: [{ text: 'Win rate: 40 a quarter', url: '/targets/1', detail: 'from 1 Jan 2026' }],
    months: [['Mar 2026', '37%', '40%', '92%', 'amber', 92], ['Feb 2026', '40%', '40%', '100%', 'green', 100]].map(([text, value, target, reached, tone, percent]) => ({ text, url: '', value, target, reached, tone, percent })),
  },
  alerts: { new_url: '/alerts/new?metric=win_rate', has_rows: false, rows: [] },
  cuts: ['By channel', 'By owner', 'By campaign', 'By country'].map((text, i) => ({ text, url: '/x', on: i === 0 })),
  breakdown: {
    columns: [{ label: 'Channel', kind: 'text' }, { label: 'Closed', kind: 'integer' }, { label: 'Won', kind: 'integer' }, { label: 'Win rate', kind: 'percent' }],
    rows: [['Referral', 'referral', '9', '6', '67%', 100], ['Email', 'email', '14', '7', '50%', 75], ['Organic search', 'organic-search', '31', '12', '39%', 58], ['Paid search', 'paid-search', '42', '13', '31%', 46], ['Direct', 'direct', '12', '2', '17%', 25]]
      .map(([text, channel_value, closed, won, rate, percent]) => ({ text, channel_value, url: '/deals?c', percent, cells: [v.number(closed), v.number(won), v.percent(rate)] })),
  },
};

/* ---- the rest ---- */
const steps = (at) => ['Upload', 'Map columns', 'Check', 'Done'].map((text, i) => ({ text, on: i === at, done: i < at }));
const importShell = { title: 'Import contacts', shell: shell('Contacts'), crumbs: [{ text: 'Contacts', url: '/contacts' }] };
const contactFields = (chosen) => ['Leave out', 'First name', 'Last name', 'Mail', 'Phone', 'Company', 'Job', 'Lifecycle']
  .map((text) => ({ value: text === 'Leave out' ? '' : text.toLowerCase(), text, selected: text === chosen }));

export const fixtures = {
  home: ['kit/home', home],
  list: ['kit/list', list],
  'list-empty': ['kit/list', {
    ...list, rows: [], pager: null, count: '0 deals', filter: { ...list.filter, chips: [], clear_url: '' },
    empty: { icon: 'heart-handshake', title: 'Deals will stand here', text: 'A deal is money that may be won. Open one from a lead you have accepted, or write one down now.', action: { text: 'New deal', url: '/deals/new' } },
  }],
  contact: ['preview/contact', contact],
  form: ['kit/form', form],
  board: ['kit/board', board],
  metric: ['kit/metric', metric],
  inbox: ['preview/inbox', {
    title: 'Lead inbox', shell: shell('Lead inbox'), crumbs: [{ text: 'Sales', url: '/sales' }], score, composer: null,
    leads: [['Helena Brandt', 'Nordlicht Chemie. Asked for prices', v.score(78), v.due('48 min', 'soon'), true], ['Ruben Castro', 'Ferro Tubos. Downloaded the brochure', v.score(61), v.due('3 h 10', 'calm'), false], ['Aino Laine', 'Volta Energi. Came back after 6 weeks', v.score(66), v.due('20 min late', 'late'), false], ['Samuel Osei', 'Oakhurst Dairy. Asked for a call', v.score(72), v.due('tomorrow', 'calm'), false]]
      .map(([text, detail, points, due, on]) => ({ text, detail, points, due, on, url: '/leads/inbox' })),
    handoff: { text: 'Mara Lindqvist hands over Helena Brandt: “Third visit this week, wants a quote for pilot line.”', due: v.due('48 min left', 'soon') },
    journey: { ...journey, days: journey.days.slice(2) },
  }],
  search: ['kit/search', {
    title: 'Search', q: 'four', shell: shell(''), has_recent: false, has_commands: true, recent: [],
    groups: [{ text: 'Contacts', all_url: '/contacts?q=four', results: [{ id: '0A', text: 'Camille Fournier', hint: 'Head of metrology at Sandoval Biotech', url: '/contacts/0A', icon: 'user' }, { id: '0B', text: 'Élise Fourcade', hint: 'Buyer at Papier Rhône', url: '/contacts/0B', icon: 'user' }] },
      { text: 'Companies', all_url: '/companies?q=four', results: [{ id: '0C', text: 'Four Rivers Water', hint: 'fourrivers.example', url: '/companies/0C', icon: 'building' }] }],
    commands: [{ text: 'New deal', url: '/deals/new', icon: 'plus', keys: 'C' }, { text: 'Lead inbox', url: '/leads/inbox', icon: 'inbox' }],
  }],
  notifications: ['kit/notifications', {
    title: 'Notifications', shell: shell(''), read_url: '/notifications/read', settings_url: '/settings/notifications', pager: null,
    shows: [{ text: 'All', url: '/notifications', on: true }, { text: 'Unread', url: '/notifications?show=unread', on: false }],
    kinds: [{ text: 'Every kind', url: '/notifications', on: true }, { text: 'Mentions', url: '/notifications?kind=mention', on: false }], items: [
      { icon: 'arrows-exchange', text: 'Mara Lindqvist handed Helena Brandt over to you', kind: 'Work for me', read_url: '/notifications/1/read', url: '/leads/1', unread: true, when: when('12 min') },
      { icon: 'message', text: 'Priya Nair mentioned you on Harrow Water', kind: 'Work for me', read_url: '/notifications/1/read', url: '/companies/2', unread: true, when: when('1 h') },
      { icon: 'file-import', text: 'Import of 3 March is done', kind: 'Work for me', read_url: '/notifications/1/read', url: '/imports/1', unread: false, when: when('yesterday') },
    ],
  }],
  history: ['kit/history', {
    title: 'History of Camille Fournier', shell: shell('Contacts'), crumbs: [{ text: 'Contacts', url: '/contacts' }, { text: 'Camille Fournier', url: '/contacts/0A' }], pager: null,
    changes: [['Lifecycle', 'Opportunity', 'Customer'], ['Owner', '', 'Jonas Weber'], ['Phone', '+33 4 72 00 18 40', '+33 4 72 00 18 44']].map(([label, old, fresh]) => ({ label, old, new: fresh, who: people.jonas, when: when('3 March'), batch: '' })),
  }],
  trash: ['kit/trash', {
    title: 'Trash', description: 'What was deleted is kept for 30 days and can be brought back with its history.', shell: shell('Settings'), pager: null,
    rows: [['Old price list campaign', 'Campaign'], ['Duplicate of Harrow Water', 'Company']].map(([text, type_text]) => ({ text, type_text, url: '/x', when: when('2 days ago'), who: people.mara, restore_url: '/x/restore' })),
  }],
  'import-upload': ['kit/import', { ...importShell, steps: steps(0), upload: { action: '/import', example_url: '/example.csv', limits: 'Up to 100,000 rows and 50 MB, UTF-8.', types: [{ value: 'contact', text: 'Contacts', selected: true }, { value: 'company', text: 'Companies', selected: false }] } }],
  'import-map': ['kit/import', { ...importShell, steps: steps(1), map: { action: '/import/1', file_name: 'fair-hannover.csv', rows: '2,431 rows', columns: [['First Name', 'Anna, Ben, Chris', 'First name'], ['Last Name', 'Abel, Bode, Carlsen', 'Last name'], ['Email', 'anna@abel.example, ben@…', 'Mail'], ['Booth notes', 'wants demo, call in May', 'Leave out']].map(([name, sample, chosen], i) => ({ column: name, sample, field: `col${i}`, choices: contactFields(chosen) })), match: [{ value: 'email', text: 'Update the contact with the same mail address', selected: true }, { value: 'skip', text: 'Leave the contact as it is', selected: false }] } }],
  'import-look': ['kit/import', { ...importShell, steps: steps(2), look: { action: '/import/1/go', back_url: '/import/1', file_name: 'fair-hannover.csv', made: '1,988', changed: '426', same: '0', bad: '17', has_bad: true, lines: [['18', 'Email', 'ben@', 'This is no mail address: the part after @ is missing.'], ['203', 'Lifecycle', 'hot', 'Not one of the choices: subscriber, lead, MQL, customer.']].map(([line, name, shown, text]) => ({ line, column: name, value: shown, text })), lines_more: 'And 15 more.', bad_csv_url: '/bad.csv', go_text: 'Import 2,414 contacts and leave out 17 bad lines' } }],
  'import-job': ['kit/import', { ...importShell, steps: steps(3), job: { text: '1,200 of 2,431 rows', percent: 49, running: true, url: '/import/1', made: '980', changed: '220', bad: '9', cancel_url: '/import/1/cancel', undo_url: '', bad_csv_url: '', list_url: '/contacts' } }],
  table: ['kit/table', {
    title: 'Jobs', description: 'Work that runs in the background. What failed says why and can be run again.', shell: shell('Settings'), crumbs: [{ text: 'Settings', url: '/settings' }], actions: [], has_actions: true, pager: { text: '1–50 of 214', older_url: '/jobs?c' },
    columns: [{ label: 'Job', kind: 'text' }, { label: 'State', kind: 'choice' }, { label: 'Tries', kind: 'integer' }, { label: 'Due', kind: 'date' }, { label: 'Said', kind: 'longtext' }],
    rows: [['notification.mail', v.choice('Waiting', 'blue'), '0', ''], ['score.recount', v.choice('Running', 'teal'), '1', ''], ['webhook.send', v.choice('Failed', 'red'), '5', 'the other side answered 503 five times; the last after 30 s']].map(([name, state, tries, said]) => ({ cells: [v.text(name), state, v.number(tries), v.date('in 2 min'), said ? v.longtext(said) : v.empty()], actions: said ? [action('Run again', '/jobs/1/run', { post: true })] : [] })),
  }],
  tokens: ['kit/table', {
    title: 'API tokens', description: 'A token acts as you, within its scopes.', shell: shell('Settings'), actions: [action('New token', '/tokens/new', { primary: true })], pager: null, secret: { note: 'Copy this token now. It is shown this once.', text: 'fw_live_8f3kq1zp0v6x2m4t' },
    columns: [{ label: 'Name', kind: 'text' }, { label: 'Scopes', kind: 'tags' }, { label: 'Last used', kind: 'date' }], rows: [{ cells: [v.text('Warehouse sync'), v.tags('contacts:read', 'deals:write'), v.date('4 min ago')], actions: [] }],
  }],
  settings: ['kit/settings', {
    title: 'Settings', shell: shell('Settings'), groups: [
      { text: 'People', cards: [{ text: 'Users', detail: 'Who works here, and in which team', url: '/users', icon: 'users', note: '12' }, { text: 'Roles', detail: 'Who may see and change what', url: '/roles', icon: 'shield-lock' }, { text: 'API tokens', detail: 'For programs that act for you', url: '/tokens', icon: 'key' }] },
      { text: 'Work', cards: [{ text: 'Pipelines and stages', detail: 'The way of a deal and what closes it', url: '/stages', icon: 'layout-kanban' }, { text: 'Scoring', detail: 'Points for behaviour and fit, and the MQL line', url: '/scoring', icon: 'gauge' }, { text: 'Web sites', detail: 'The tracker and its domains', url: '/sites', icon: 'world' }] },
      { text: 'System', cards: [{ text: 'Jobs', detail: 'What runs in the background', url: '/jobs', icon: 'stack-2', note: '1 failed' }, { text: 'Import', detail: 'Contacts and companies from CSV', url: '/import', icon: 'file-import' }, { text: 'Trash', detail: 'Bring back what was deleted', url: '/trash', icon: 'trash' }] },
    ],
  }],
  signin: ['kit/signin', { title: 'Sign in', email: 'jonas.weber@northfield.example', next: '/', error: 'That mail address and password do not go together. Try again.', shell: shell('') }],
  error: ['kit/error', { title: 'Somebody changed this deal meanwhile', status: 409, code: 'record.stale', detail: 'Priya Nair moved “Flow meters, 40 units” to Negotiation two minutes ago, after you had opened it.', kept: 'Your changes are not saved, but they are still in the form you came from.', todo: 'Look at the deal as it is now, then make your change again.', request: '0J9K2M', actions: [action('Open the deal', '/deals/1', { primary: true }), action('Back to the form', '/deals/1/edit')], shell: shell('') }],
  confirm: ['kit/confirm', { title: 'Move Acme renewal to the trash?', detail: 'It can be brought back for 30 days.', action: { text: 'Move to the trash', url: '/x' }, fields: [], back_url: '/deals', shell: shell('') }],
  public: ['preview/public', {
    title: 'Ask for a quote', shell: shell(''), embedded: false, brand: { text: 'Northfield Instruments', url: 'https://northfield.example', legal_url: 'https://northfield.example/legal' }, has_errors: false, errors: [],
    inputs: [input('name', 'Your name', 'line', '', { kind: 'text' }), input('email', 'Work mail', 'line', '', { kind: 'email', input_type: 'email', inputmode: 'email', autocomplete: 'email', help: 'For the quote and nothing else.' }), input('need', 'What do you need?', 'area', '', { kind: 'longtext', optional: true }), input('news', 'Send me the newsletter, about once a month. I can leave at any time.', 'bool', '', { on: false, optional: true })],
  }],
};
