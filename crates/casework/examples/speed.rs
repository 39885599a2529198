//! speed
use peshi_casework::expression::{Expression, Scope};
use serde_json::{Map, json};
#[expect(clippy::disallowed_methods, reason = "bench")]
fn main() {
    let data =
        json!({"amount": 135.0, "paid": 10, "notified_on": "2026-01-01", "a":1,"b":2,"c":3,"d":4,"e":5});
    let form = json!({"kind": "a", "result": "acquittal"});
    let empty = Map::new();
    let children: Vec<_> = (0..5).map(|n| json!({"id": format!("proceeding-{n}"), "chart": "proceeding", "open": n==4, "data": {"kind": "s22a", "result":"allowed"}})).collect();
    let active: Vec<String> = ["a", "b", "c", "d", "registered"].map(str::to_owned).to_vec();
    let scope = Scope {
        data: data.as_object().unwrap(),
        form: form.as_object().unwrap(),
        root: &empty,
        active: &active,
        case_active: &active,
        children: &children,
        now: "2026-03-02T04:00:00Z".parse().unwrap(),
        today: "2026-03-02".parse().unwrap(),
        occurred_on: "2026-03-02".parse().unwrap(),
    };
    for text in [
        "1u == 1u && data.amount >= 100 && form.kind == \"a\"",
        "data.amount >= 100 && form.kind == \"a\"",
        "data.amount >= 100.0 && form.kind == \"a\"",
        "in_state(\"registered\")",
        "has(form.x) || double(data.paid) + 0.005 >= data.amount",
        "days_between(data.notified_on, today) > 30",
        "children(\"proceeding\").exists(p, p.open && p.data.kind == \"s22a\" && has(p.data.result) && p.data.result == \"allowed\")",
    ] {
        let e = Expression::compile(text).unwrap();
        let t = std::time::Instant::now();
        let n = 1_000_000;
        let mut k = 0;
        for _ in 0..n {
            if std::hint::black_box(&e)
                .holds(std::hint::black_box(&scope))
                .unwrap_or(false)
            {
                k += 1;
            }
        }
        println!("{:6.0} ns {k} {text}", t.elapsed().as_nanos() as f64 / n as f64);
    }
}
