mod model;
mod pages;
