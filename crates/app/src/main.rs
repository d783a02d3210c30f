//! The program: everything is in the library, so that tests compose the same site.

fn main() -> std::process::ExitCode {
    app::main()
}
