#[tokio::test]
async fn it_starts() {
    let began = std::time::Instant::now();
    let running = super::start(super::DemoOptions::default()).await.unwrap();
    eprintln!("{:?}", began.elapsed());
    let store = running.oci.store();
    eprintln!("{} repos {} blobs", store.repositories.len(), store.blobs.len());
    let mono = &store.repositories["ci/monorepo"];
    assert_eq!(mono.tags.len(), 10_000);
    eprintln!("{} manifests", mono.manifests.len());
}
