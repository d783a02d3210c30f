mod pages;
mod rules;
