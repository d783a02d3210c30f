#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod model;
mod pages;
