//! What is documented nowhere and assumed (alauda.md §11). A server that does otherwise is a change here.

use url::Url;

/// A5: what a deletion that was done is answered with; 202 for servers that do it later.
pub(super) fn is_deleted(status: u16) -> bool {
    matches!(status, 200 | 202 | 204)
}

/// Which statuses of the token call mean that the user name or the password is wrong (§1.1). Not a word is said of them.
pub(super) fn means_wrong_password(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 422)
}

/// Behind the last page there is nothing, and the framework says so (§2).
pub(super) fn is_behind_the_last_page(status: u16, page: u64) -> bool {
    status == 404 && page > FIRST_PAGE
}

pub(super) const FIRST_PAGE: u64 = 1;

/// "Fetch the details only for the selected row, with at most 4 calls at a time" (§8.4).
pub(super) const AT_ONCE: usize = 4;

/// Where images are pulled from. The vendor's own hosts are known (§1); a private installation's is not.
pub(super) fn image_host(base: &Url) -> Option<String> {
    let zone = base.host_str()?.strip_prefix("api.alauda.")?;
    matches!(zone, "cn" | "io").then(|| format!("https://index.alauda.{zone}"))
}

/// Paths begin with `/v1`; addresses are written with it and without.
pub(super) fn root(base: &Url) -> &'static str {
    if base.path().trim_end_matches('/').ends_with("/v1") { "" } else { "/v1" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        assert_eq!(image_host(&url("https://api.alauda.cn/v1/")).as_deref(), Some("https://index.alauda.cn"));
        assert_eq!(image_host(&url("https://api.alauda.io")).as_deref(), Some("https://index.alauda.io"));
        for other in ["https://api.alauda.example", "https://api.alauda.cn.example", "http://127.0.0.1:5004"] {
            assert_eq!(image_host(&url(other)), None, "{other}");
        }
        for (base, prefix) in
            [("https://a/v1/", ""), ("https://a/v1", ""), ("https://a/", "/v1"), ("https://a/xv1", "/v1")]
        {
            assert_eq!(root(&url(base)), prefix, "{base}");
        }
    }
}
