//! Sets rectangles beside and below one another, in order, without overlap.
//!
//! Each goes as high as it can, then as near to the start. Knows nothing of what they hold.

/// Room between two of them.
pub(crate) const GAP: f64 = 22.0;

/// Where each rectangle of these sizes stands, and the size of the whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Packed {
    pub(crate) places: Vec<(f64, f64)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Packs into a strip no wider than `limit`, or than the widest rectangle.
pub(crate) fn pack(sizes: &[(f64, f64)], limit: f64) -> Packed {
    let widest = sizes.iter().fold(0.0_f64, |m, s| m.max(s.0));
    let limit = limit.max(widest);
    let mut places: Vec<(f64, f64)> = Vec::new();
    for (n, &(w, _)) in sizes.iter().enumerate() {
        let taken = || places.iter().zip(sizes).take(n);
        // Beside the start, or beside something that already stands.
        let starts = std::iter::once(0.0).chain(taken().map(|(p, s)| p.0 + s.0 + GAP));
        let best = starts
            .filter(|x| x + w <= limit + 0.01)
            .map(|x| {
                let y = taken()
                    .filter(|(p, s)| p.0 < x + w + GAP - 0.01 && x < p.0 + s.0 + GAP - 0.01)
                    .map(|(p, s)| p.1 + s.1 + GAP)
                    .fold(0.0_f64, f64::max);
                (x, y)
            })
            .min_by(|a, b| {
                (a.1, a.0)
                    .partial_cmp(&(b.1, b.0))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
        places.push(best.unwrap_or_default());
    }
    let extent = |pick: fn(&(f64, f64)) -> f64| {
        places
            .iter()
            .zip(sizes)
            .map(|(p, s)| pick(p) + pick(s))
            .fold(0.0_f64, f64::max)
    };
    let (width, height) = (extent(|p| p.0), extent(|p| p.1));
    Packed {
        places,
        width,
        height,
    }
}

/// Packs into whichever width up to `limit` gives the best shape: not much wider than high, and small.
pub(crate) fn pack_well(sizes: &[(f64, f64)], limit: f64) -> Packed {
    let cost = |p: &Packed| p.width.max(p.height * 1.5);
    let steps = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
    steps
        .into_iter()
        .map(|share| pack(sizes, limit * share))
        .min_by(|a, b| cost(a).total_cmp(&cost(b)))
        .unwrap_or_else(|| pack(sizes, limit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_overlaps_and_nothing_leaves_the_strip(
            sizes in prop::collection::vec((1.0..400.0_f64, 1.0..300.0_f64), 0..14),
            limit in 100.0..900.0_f64,
        ) {
            let packed = pack(&sizes, limit);
            let all: Vec<_> = packed.places.iter().zip(&sizes).collect();
            for (i, (a, s)) in all.iter().enumerate() {
                prop_assert!(a.0 >= 0.0 && a.1 >= 0.0);
                prop_assert!(a.0 + s.0 <= packed.width + 0.1 && a.1 + s.1 <= packed.height + 0.1);
                for (b, t) in &all[i + 1..] {
                    let apart = a.0 + s.0 < b.0 || b.0 + t.0 < a.0 || a.1 + s.1 < b.1 || b.1 + t.1 < a.1;
                    prop_assert!(apart, "{a:?} {s:?} and {b:?} {t:?}");
                }
            }
            prop_assert!(packed.width <= limit.max(400.0));
        }
    }
}
