// The public pages and a sentence of each. A page that exists stands here. An address may be found by following a link
// from another page: { from, link }.

export const PUBLIC = [
  { path: '/', says: /Un lieu près de chez vous/ },
  { path: '/lieux', says: /Trouver un lieu/ },
  { path: '/lieux?ou=Bourg-en-Bresse&rayon=20', says: /Bourg-en-Bresse/ },
  { path: '/lieux?ou=Saint-Denis', says: /Plusieurs communes correspondent/ },
  { path: '/lieux?ou=zzzzqq', says: /commune/ },
  { from: '/lieux?ou=Bourg-en-Bresse&rayon=50', link: '.m-lieu h3 a', name: 'fiche-de-lieu', says: /Venir ou appeler/ },
  { path: '/couverture', says: /À quelle distance/ },
  { path: '/couverture/departement/23?indicateur=distance', says: /Creuse/ },
  { path: '/demo/entrer', says: /Préfecture/ },
  { path: '/connexion', says: /Se connecter/ },
  { path: '/mot-de-passe-oublie', says: /lien/ },
  { path: '/couverture/carte?zone=departement/974', says: /Un point par commune/ },
  { path: '/territoires', says: /Creuse|Auvergne/ },
  { path: '/territoires/departement/01', says: /Ain/ },
  { path: '/territoires/commune/97411', says: /Saint-Denis/ },
  { path: '/aide', says: /Trouver un lieu/ },
  { path: '/aide/roles-et-droits', says: /Hub territorial/ },
  { path: '/aide/importer-des-lieux', says: /Livrer de nouveau/ },
  { path: '/accessibilite', says: /non conforme/ },
  { path: '/mentions-legales', says: /Éditeur/ },
  { path: '/donnees-personnelles', says: /Traitements/ },
  { path: '/cette-page-n-existe-pas', says: /introuvable|n’existe pas/i, status: 404 },
];
