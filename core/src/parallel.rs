//! Work on all processors, its results in order.

use std::panic::resume_unwind;
use std::thread;

/// Processors that are used: beyond these a disk is what one waits for.
const MOST: usize = 4;

/// What becomes of each piece of work, in order; with fewer than `least` for each processor, fewer processors are used.
pub(crate) fn in_order<T: Sync, R: Send>(work: &[T], least: usize, of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let mut parts = work.chunks(work.len().div_ceil(processors).max(least).max(1));
    let own = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let of = &of;
        let others: Vec<_> = parts.map(|part| scope.spawn(move || part.iter().map(of).collect::<Vec<R>>())).collect();
        let mut done: Vec<R> = own.iter().map(of).collect();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_work_however_much_there_is() {
        for len in [0, 1, 2, 3, 15, 16, 17, 100] {
            for least in [0, 1, 8, 200] {
                let work: Vec<usize> = (0..len).collect();
                assert_eq!(
                    in_order(&work, least, |number| number * 2),
                    work.iter().map(|number| number * 2).collect::<Vec<_>>()
                );
            }
        }
    }

    #[test]
    #[should_panic(expected = "in another thread")]
    fn a_panic_in_one_of_the_threads_is_not_lost() {
        in_order(&[0, 1], 1, |number| assert_eq!(*number, 0, "in another thread"));
    }
}
