//! The server against the protocol notes, in raw HTTP.

mod entrance;
mod oddities;
mod repositories;
mod tags;

use super::{AlaudaOptions, AlaudaServer, alauda_catalogue, start_alauda};
use crate::demo::tests::client::{Got, send};

const TOKEN: &str = "0f5b1c8e6a2d4f7093bb11aa22cc33dd44ee55ff";
const LIST: &str = "/v1/repositories/yunfan/";

fn options() -> AlaudaOptions {
    AlaudaOptions { token: Some(TOKEN.into()), ..AlaudaOptions::default() }
}

async fn server(options: AlaudaOptions) -> AlaudaServer {
    start_alauda(alauda_catalogue(), options).await.expect("loopback has a free port")
}

async fn ask(server: &AlaudaServer, method: &str, path: &str, body: &str) -> Got {
    let token = format!("Token {TOKEN}");
    send(&server.url, method, path, &[("authorization", &token)], body.as_bytes()).await.expect("an answer")
}

async fn get(server: &AlaudaServer, path: &str) -> Got {
    ask(server, "GET", path, "").await
}

fn names(got: &Got) -> Vec<String> {
    let body = got.json();
    let items = body["results"].as_array().expect("a list");
    items.iter().map(|item| item["repo_name"].as_str().expect("a name").to_owned()).collect()
}

/// The names of a document's fields, in order.
fn fields(document: &serde_json::Value) -> Vec<&str> {
    document.as_object().expect("an object").keys().map(String::as_str).collect()
}
