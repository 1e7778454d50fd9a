use super::{ask, fields, get, options, server};
use crate::demo::alauda::AlaudaOptions;

const CART: &str = "/v1/repositories/yunfan/cart/tags";

#[tokio::test]
async fn the_list_is_a_bare_array() {
    let server = server(options()).await;
    let list = get(&server, CART).await.json();
    let list = list.as_array().expect("an array");
    assert_eq!((list.len(), fields(&list[0])), (14, vec!["image_id", "tag"]));
    let nightly = get(&server, "/v1/repositories/yunfan/nightly/tags/").await.json();
    assert_eq!(nightly.as_array().map(Vec::len), Some(300));
    let none = get(&server, "/v1/repositories/yunfan/new-project/tags").await.json();
    assert_eq!(none, serde_json::json!([]));
    assert_eq!(get(&server, "/v1/repositories/yunfan/nothing/tags").await.status, 404);

    let one = get(&server, &format!("{CART}/latest")).await.json();
    assert_eq!(Some(&one), list.iter().find(|tag| tag["tag"] == "latest"));
    assert_eq!(get(&server, &format!("{CART}/nothing")).await.status, 404);
}

#[tokio::test]
async fn a_tag_is_deleted_by_itself() {
    let cart = server(options()).await;
    let shared = {
        let store = cart.store();
        let tags = &store.namespaces["yunfan"].repositories["cart"].tags;
        tags.iter().filter(|tag| tag.image_id == tags[0].image_id).count()
    };
    assert_eq!(shared, 2);
    let gone = ask(&cart, "DELETE", &format!("{CART}/latest/"), "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(get(&cart, CART).await.json().as_array().map(Vec::len), Some(13));
    for path in [format!("{CART}/latest"), "/v1/repositories/yunfan/nothing/tags/latest".to_owned()] {
        assert_eq!(ask(&cart, "DELETE", &path, "").await.status, 404);
    }

    let old = server(AlaudaOptions { deletes_tags: false, ..options() }).await;
    let refused = ask(&old, "DELETE", &format!("{CART}/latest"), "").await;
    assert_eq!((refused.status, refused.json()["detail"].as_str()), (405, Some("Method \"DELETE\" not allowed.")));
    assert_eq!(get(&old, CART).await.json().as_array().map(Vec::len), Some(14));
}
