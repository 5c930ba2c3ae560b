//! The waiting jobs: two bounded lines, of which the urgent one always goes first.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Which line a job waits in. Each has its own bound, so that a flood of one never keeps the other out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Somebody is logging in.
    Urgent,
    /// Somebody registers or changes a password: it takes a person longer than a second anyway.
    Patient,
}

/// What a worker finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<J> {
    /// A job.
    Job(J),
    /// Nothing for the time it was willing to wait.
    Idle,
    /// Nobody is left who could ask.
    Closed,
}

/// A job whose asker can go away.
pub(super) trait Abandonable {
    /// Nobody waits for the answer any more.
    fn abandoned(&self) -> bool;
}

/// Two lines of jobs of type `J`.
#[derive(Debug)]
pub(super) struct Queue<J> {
    lines: Mutex<Lines<J>>,
    filled: Condvar,
    bound: usize,
}

#[derive(Debug)]
struct Lines<J> {
    urgent: VecDeque<J>,
    patient: VecDeque<J>,
    closed: bool,
}

impl<J: Abandonable> Queue<J> {
    /// Lines of at most `bound` jobs each, at least one.
    pub(super) fn new(bound: usize) -> Self {
        let lines = Lines { urgent: VecDeque::new(), patient: VecDeque::new(), closed: false };
        Self { lines: Mutex::new(lines), filled: Condvar::new(), bound: bound.max(1) }
    }

    /// Jobs that each line takes.
    pub(super) fn bound(&self) -> usize {
        self.bound
    }

    /// Whether a line can take no more at the moment.
    pub(super) fn is_full(&self, line: Line) -> bool {
        self.make_room(self.lock().line(line))
    }

    /// Puts a job at the end of its line; `false` when the line is full.
    pub(super) fn push(&self, line: Line, job: J) -> bool {
        let mut lines = self.lock();
        let waiting = lines.line(line);
        if self.make_room(waiting) {
            return false;
        }
        waiting.push_back(job);
        drop(lines);
        self.filled.notify_one();
        true
    }

    /// How many wait, of both lines.
    pub(super) fn waiting(&self) -> usize {
        let lines = self.lock();
        lines.urgent.len() + lines.patient.len()
    }

    /// Drops abandoned jobs where that is needed for another one to wait; whether the line is full all the same.
    fn make_room(&self, waiting: &mut VecDeque<J>) -> bool {
        if waiting.len() >= self.bound {
            waiting.retain(|job| !job.abandoned());
        }
        waiting.len() >= self.bound
    }

    /// Takes the next job that somebody still waits for; waits for one, no longer than `patience` if there is one.
    pub(super) fn next(&self, patience: Option<Duration>) -> Next<J> {
        let mut lines = self.lock();
        loop {
            while let Some(job) = lines.pop() {
                if !job.abandoned() {
                    return Next::Job(job);
                }
            }
            if lines.closed {
                return Next::Closed;
            }
            let empty = |lines: &mut Lines<J>| lines.is_empty() && !lines.closed;
            let Some(patience) = patience else {
                lines = self.filled.wait_while(lines, empty).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (filled, waited) = self
                .filled
                .wait_timeout_while(lines, patience, empty)
                .unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() {
                return Next::Idle;
            }
            lines = filled;
        }
    }

    /// Lets the workers end once the lines are empty.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Lines<J>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Lines<J> {
    fn line(&mut self, line: Line) -> &mut VecDeque<J> {
        match line {
            Line::Urgent => &mut self.urgent,
            Line::Patient => &mut self.patient,
        }
    }

    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.patient.is_empty()
    }

    fn pop(&mut self) -> Option<J> {
        self.urgent.pop_front().or_else(|| self.patient.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Job(&'static str);

    impl Abandonable for Job {
        fn abandoned(&self) -> bool {
            self.0 == "abandoned"
        }
    }

    const SHORT: Option<Duration> = Some(Duration::from_millis(10));

    #[test]
    fn urgent_jobs_go_first_and_each_line_keeps_its_order() {
        let queue = Queue::new(8);
        for (line, job) in [
            (Line::Patient, "register a"),
            (Line::Patient, "register b"),
            (Line::Urgent, "login a"),
            (Line::Urgent, "login b"),
        ] {
            assert!(queue.push(line, Job(job)));
        }
        for job in ["login a", "login b", "register a", "register b"] {
            assert_eq!(queue.next(SHORT), Next::Job(Job(job)));
        }
        assert_eq!(queue.next(SHORT), Next::Idle);
    }

    #[test]
    fn a_full_line_refuses_and_does_not_keep_the_other_out() {
        let queue = Queue::new(2);
        assert!(queue.push(Line::Patient, Job("a")) && queue.push(Line::Patient, Job("b")));
        assert!(!queue.push(Line::Patient, Job("c")));
        assert!(queue.push(Line::Urgent, Job("login")));
    }

    #[test]
    fn jobs_that_nobody_waits_for_take_no_place_and_no_work() {
        let queue = Queue::new(2);
        assert!(queue.push(Line::Patient, Job("abandoned")) && queue.push(Line::Patient, Job("abandoned")));
        assert!(queue.push(Line::Patient, Job("a")), "abandoned jobs make room");
        assert!(queue.push(Line::Urgent, Job("abandoned")));
        assert_eq!(queue.next(SHORT), Next::Job(Job("a")));
    }

    #[test]
    fn a_closed_queue_is_emptied_and_then_lets_its_workers_go() {
        let queue = Queue::new(2);
        assert!(queue.push(Line::Urgent, Job("a")));
        queue.close();
        assert_eq!(queue.next(None), Next::Job(Job("a")));
        assert_eq!(queue.next(None), Next::Closed);
    }
}
