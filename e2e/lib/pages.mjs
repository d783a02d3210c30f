// The public pages and a sentence of each. A page that exists stands here.

export const PUBLIC = [
  { path: '/', says: /Maillage/ },
  { path: '/demo', says: /rôle/i },
  { path: '/couverture', says: /À quelle distance/ },
  { path: '/couverture/departement/23?indicateur=distance', says: /Creuse/ },
  { path: '/demo/entrer', says: /Préfecture/ },
  { path: '/connexion', says: /Se connecter/ },
  { path: '/mot-de-passe-oublie', says: /lien/ },
  { path: '/cette-page-n-existe-pas', says: /introuvable|n’existe pas/i, status: 404 },
];
