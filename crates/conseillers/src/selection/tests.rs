mod avis;
