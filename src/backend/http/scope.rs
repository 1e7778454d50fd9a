//! `type:name:actions`, and which scope makes another one unnecessary.

/// Whether every wanted scope is part of one that was asked for.
pub fn covers(asked: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|want| asked.iter().any(|have| covers_one(have, want)))
}

fn covers_one(have: &str, want: &str) -> bool {
    if have == want {
        return true;
    }
    match (have.rsplit_once(':'), want.rsplit_once(':')) {
        (Some((resource, have)), Some((same, want))) if resource == same => {
            want.split(',').all(|action| have.split(',').any(|granted| granted == action || granted == "*"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage() {
        let of = |have: &[&str], want: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
            covers(&own(have), &own(want))
        };
        assert!(of(&["repository:a:pull,push"], &["repository:a:pull"]));
        assert!(of(&["repository:h:5000/a:*"], &["repository:h:5000/a:delete"]));
        assert!(of(&[], &[]));
        assert!(of(&["*"], &["*"]));
        assert!(!of(&["repository:a:pull"], &["repository:a:pull,push"]));
        assert!(!of(&["repository:a:pull"], &["repository:b:pull"]));
        assert!(!of(&[], &["registry:catalog:*"]));
    }
}
