mod avis;
mod classeur;
mod seances;
