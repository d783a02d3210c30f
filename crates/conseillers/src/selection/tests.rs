mod avis;
mod classeur;
mod courses;
mod seances;
