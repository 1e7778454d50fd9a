fn main() -> anyhow::Result<()> {
    use tagboat::runtime::{
        Start, run,
        world::{Options, World},
    };
    let args: Vec<String> = std::env::args().collect();
    let state = std::env::temp_dir().join("tagboat-dev");
    let world =
        World::load(&Options { state_dir: Some(state), ..Options::default() }, tagboat::store::env::Env::Process)?;
    let target = args.get(1).cloned();
    if target.as_deref() == Some("demo") {
        let runtime = tokio::runtime::Runtime::new()?;
        let running = runtime.block_on(tagboat::demo::start(tagboat::demo::DemoOptions::default()))?;
        run(world, Start { demo: Some(running), ..Start::default() })?;
    } else {
        run(world, Start { target, ..Start::default() })?;
    }
    Ok(())
}
