mod avis;
mod seances;
