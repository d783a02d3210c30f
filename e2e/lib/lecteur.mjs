// What a screen reader says of a page: the accessibility tree of Chromium, in reading order, one line a thing.

const SILENT = new Set(['none', 'generic', 'InlineTextBox', 'LineBreak', 'RootWebArea', 'LayoutTable', 'LayoutTableRow', 'LayoutTableCell', 'ListMarker', 'paragraph', 'LabelText', 'Section', 'Iframe', 'strong', 'emphasis', 'time', 'Abbr', 'mark', 'superscript']);

/** `[{ role, name, level, description, invalid, required, live }]`, in reading order, silent things left out. */
export async function read(page) {
  const client = await page.context().newCDPSession(page);
  const { nodes } = await client.send('Accessibility.getFullAXTree');
  await client.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines = [];
  const walk = (node) => {
    const role = node.role?.value;
    const property = (name) => node.properties?.find((p) => p.name === name)?.value?.value;
    if (!node.ignored && !SILENT.has(role)) {
      lines.push({
        role,
        name: (node.name?.value ?? '').replace(/\s+/g, ' ').trim(),
        level: property('level'),
        description: (node.description?.value ?? '').replace(/\s+/g, ' ').trim(),
        invalid: property('invalid') === 'true',
        required: property('required') === true,
        live: property('live'),
        expanded: property('expanded'),
        focused: property('focused') === true,
      });
      // What a link, a button or a heading says is its name: its parts are not said again.
      if (['link', 'button', 'heading', 'StaticText', 'img', 'image'].includes(role)) return;
    }
    for (const id of node.childIds ?? []) walk(byId.get(id));
  };
  walk(nodes.find((node) => !node.parentId));
  return lines;
}

export const ofRole = (lines, ...roles) => lines.filter(({ role }) => roles.includes(role));

/** Headings in order, as « 2 Horaires ». */
export const headings = (lines) => ofRole(lines, 'heading').map(({ level, name }) => `${level} ${name}`);

const VAGUE = /^(ici|lire|lire la suite|voir|voir plus|plus|suite|modifier|cliquez ici|en savoir plus|supprimer|annuler|retirer|télécharger|\d+)$/i;

/** What is wrong with the page read aloud, in French sentences; nothing when all is well. */
export function complaints(lines) {
  const wrong = [];
  let before = 0;
  for (const { level, name } of ofRole(lines, 'heading')) {
    if (!name) wrong.push('un titre est vide');
    // The summary of errors, a second level, stands before the first.
    if (level > Math.max(before, 1) + 1) wrong.push(`« ${name} » est un titre de niveau ${level} après un niveau ${before}`);
    before = level;
  }
  for (const { role, name } of lines) {
    if (['link', 'button', 'textbox', 'searchbox', 'combobox', 'checkbox', 'radio', 'spinbutton', 'Date', 'image', 'img', 'table', 'region', 'search', 'navigation', 'radiogroup', 'dialog'].includes(role) && !name) wrong.push(`${role} sans nom`);
    if (role === 'link' && VAGUE.test(name)) wrong.push(`le lien « ${name} » ne se comprend pas seul`);
    if (role === 'button' && VAGUE.test(name)) wrong.push(`le bouton « ${name} » ne se comprend pas seul`);
  }
  const names = ofRole(lines, 'navigation', 'region', 'search').map(({ role, name }) => `${role} ${name}`);
  for (const name of new Set(names.filter((n, i) => names.indexOf(n) !== i))) wrong.push(`deux repères portent le même nom : ${name}`);
  for (const role of ['main', 'banner', 'contentinfo']) {
    if (ofRole(lines, role).length !== 1) wrong.push(`${ofRole(lines, role).length} repères ${role}`);
  }
  return wrong;
}
