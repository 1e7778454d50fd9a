//! What a company in Beijing keeps there: services, some images of the model team, a few leftovers.

use serde_json::json;

use super::store::{AlaudaNamespace, AlaudaRepository, AlaudaStore, AlaudaTag};
use crate::demo::build::ago;
use crate::demo::seed::noise_of;
use crate::domain::reference::Digest;

/// The user `yunfan`, two organisations with contents, one without, and one of somebody else.
pub fn alauda_catalogue() -> AlaudaStore {
    let mut store = AlaudaStore::default();
    let mut organisation = |name: &str, company: Option<&str>, foreign: bool| {
        let created_at = ago(24 * 700 + (noise_of(name, 1) % 500) as u32);
        let made = AlaudaNamespace { company: company.map(str::to_owned), created_at, foreign, ..Default::default() };
        store.namespaces.insert(name.to_owned(), made);
    };
    organisation("yunfan", Some("云帆科技有限公司"), false);
    organisation("kaiyuan", Some("开源社区"), false);
    organisation("yunfan-labs", Some("云帆科技有限公司 · 实验室"), false);
    organisation("empty-handed", None, false);
    organisation("madams", Some("Madam's Kitchen"), true);
    let mut fill = |namespace: &str, kept: &[(&str, &str, usize)]| {
        let Some(namespace) = store.namespaces.get_mut(namespace) else { return };
        for (name, description, tags) in kept {
            namespace.repositories.insert((*name).to_owned(), repository(name, description, *tags));
        }
    };
    fill("yunfan", &COMPANY);
    fill("yunfan-labs", &LABS);
    fill("kaiyuan", &COMMUNITY);
    fill("madams", &[("repo", "A repo docker image repository", 2)]);
    if let Some(built) = store.namespaces.get_mut("yunfan").and_then(|n| n.repositories.get_mut("order-api")) {
        build(built);
    }
    store
}

fn moment(hours: u32, name: &str) -> String {
    // The service writes milliseconds (§2).
    ago(hours).replace('Z', &format!(".{:03}Z", noise_of(name, u64::from(hours)) % 1000))
}

fn repository(name: &str, description: &str, tags: usize) -> AlaudaRepository {
    let chance = noise_of(name, 3);
    let age = 24 * 60 + (chance % 15_000) as u32;
    let pulled = tags > 0 && !chance.is_multiple_of(4);
    let made: Vec<AlaudaTag> = (0..tags).map(|at| tag(name, at, tags)).collect();
    AlaudaRepository {
        description: description.to_owned(),
        full_description: if chance.is_multiple_of(3) { String::new() } else { long(name, description) },
        is_public: chance.is_multiple_of(5),
        is_starred: chance.is_multiple_of(6),
        stars: chance / 7 % 60,
        download: if pulled { 3 + chance / 11 % 9_000 } else { 0 },
        upload: tags as u64 + chance / 13 % 5,
        pulled_at: pulled.then(|| moment((chance % 700) as u32, name)),
        pushed_at: (tags > 0).then(|| moment(12 + (chance % 900) as u32, name)),
        created: moment(age, name),
        updated: moment(1 + (chance % 400) as u32, name),
        created_by: "li.na".to_owned(),
        build_config: None,
        tags: made,
    }
}

fn long(name: &str, description: &str) -> String {
    format!("# {name}\n\n{description}\n\n    docker pull index.example.cn/yunfan/{name}:latest\n")
}

/// In the order of the pushes, which is not that of the names. Two tags in five are on an image that another has, too.
fn tag(name: &str, at: usize, tags: usize) -> AlaudaTag {
    let text = match at {
        0 => "latest".to_owned(),
        _ => {
            let build = tags - at;
            if at.is_multiple_of(5) { format!("build-{build}") } else { format!("1.{}.{}", build / 10, build % 10) }
        }
    };
    let image = if at % 5 < 2 { at / 5 * 5 } else { at };
    let digest = Digest::of(format!("{name} {image}").as_bytes()).to_string();
    let image_id = digest.strip_prefix("sha256:").unwrap_or(&digest).to_owned();
    AlaudaTag { tag: text, image_id }
}

fn build(repository: &mut AlaudaRepository) {
    repository.build_config = Some(json!({
        "code_repo_client": "OSChina",
        "code_repo_path": "yunfan/order-api",
        "code_repo_clone_url": "https://git.example.cn/yunfan/order-api.git",
        "build_node": "cn",
        "email_enabled": true,
        "tag_configs": [{
            "id": "5d1c7f0e",
            "docker_repo_tag": "latest",
            "code_repo_type": "branch",
            "code_repo_type_value": "master",
            "dockerfile_location": "/",
            "build_context_path": "/",
            "is_active": true,
            "version_tagging": 1,
        }],
    }));
}

/// Name, description, number of tags.
const COMPANY: [(&str, &str, usize); 23] = [
    ("account-api", "账户服务", 18),
    ("account-web", "账户中心的前端页面", 12),
    ("base-centos7", "CentOS 7 基础镜像（含中文字体与时区）", 6),
    ("base-jdk8", "JDK 8 运行环境", 9),
    ("cart", "购物车", 14),
    ("config-server", "配置中心", 7),
    ("coupon", "优惠券与满减活动", 11),
    ("dashboard", "运营看板，数据每五分钟刷新一次；仅限内网访问，权限请联系平台组的同事开通", 22),
    ("delivery", "配送与轨迹查询", 8),
    ("elk", "日志采集 \u{1b}[31mELK\u{1b}[0m \u{1b}]0;owned\u{7}", 4),
    ("gateway", "统一接入层 API Gateway", 31),
    ("hello-world", "", 1),
    ("image-proxy", "商品图片缩放", 5),
    ("inventory", "库存", 16),
    ("message", "短信、邮件与推送", 10),
    ("new-project", "还没有推送过镜像", 0),
    ("nightly", "每夜构建，保留三百个", 300),
    ("order-api", "订单服务（自动构建）", 25),
    ("pay", "支付网关：支付宝、微信、银联", 19),
    ("recommend", "个性化推荐", 13),
    ("search", "商品搜索 (Elasticsearch)", 17),
    ("user-profile", "用户画像：ﾊﾝｶｸ 与 ｆｕｌｌ－ｗｉｄｔｈ 字符", 6),
    ("warehouse", "仓储管理系统", 9),
];

const LABS: [(&str, &str, usize); 5] = [
    ("ctr-model", "点击率预估模型", 21),
    ("notebook", "Jupyter with the company's fonts and certificates", 6),
    ("ocr", "票据识别 👍", 9),
    ("speech", "语音转写（普通话、粤语）", 4),
    ("tf-base", "TensorFlow 0.7", 3),
];

const COMMUNITY: [(&str, &str, usize); 2] = [("blog", "社区博客", 3), ("test", "test contain 2 tags", 2)];
