//! How much memory the allocator of the system keeps for itself.

/// glibc gives each thread an arena of its own and hands little of it back: loading 20 000 lieux on several threads left
/// 178 MB resident where 132 MB are enough (`docs/performance.md`). The number of arenas is read before `main`, so the
/// program starts itself again with it, once, under the same process number. Whoever sets the variable decides.
pub(crate) fn few_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::os::unix::process::CommandExt;

        const ARENES: &str = "MALLOC_ARENA_MAX";
        if std::env::var_os(ARENES).is_some() {
            return;
        }
        let mut args = std::env::args_os();
        let name = args.next();
        let Ok(program) = std::env::current_exe() else { return };
        let mut again = std::process::Command::new(program);
        if let Some(name) = name {
            again.arg0(name);
        }
        // It returns only when the program could not be started again: this one then goes on as it is.
        drop(again.args(args).env(ARENES, "2").exec());
    }
}
