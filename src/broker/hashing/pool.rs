//! The hashing threads.

use std::{fmt, sync::Arc, thread, time::Duration};

use secrecy::SecretString;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use super::{
    BUSY_FOR, Checked, Derived,
    argon2id::{DamagedVerifier, Verifier},
    queue::{Abandonable, Line, Next, Queue},
    scram,
};
use crate::{
    accounts::{Password, PasswordHash, Refusal, ScramKeys, Strength},
    broker::{BreachedList, Failure, HashingSettings, ListProblem, Outcome},
    metrics,
    random::{self, Random},
};

/// How long somebody waits for a derivation, queue included. Below the 20 s after which the server's module gives up.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// After so long without work a thread gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

/// How much the hashing threads step back behind the threads that answer (`nice`).
const NICENESS: i32 = 10;

/// Threads that derive and check passwords. They end when the pool is dropped.
pub(in crate::broker) struct HashingPool {
    queue: Arc<Queue<Job>>,
    longest_wait: Duration,
}

enum Job {
    Derive {
        password: Password,
        answer: oneshot::Sender<Result<Derived, HashingFault>>,
    },
    Check {
        password: Password,
        hash: Option<PasswordHash>,
        keys: Option<ScramKeys>,
        answer: oneshot::Sender<Result<Checked, HashingFault>>,
    },
    /// Not a derivation, but it waits for the disk, which only these threads may.
    LookUp {
        password: Password,
        list: BreachedList,
        answer: oneshot::Sender<Result<Result<bool, ListProblem>, HashingFault>>,
    },
    /// No derivation either, but it takes milliseconds.
    Estimate {
        password: SecretString,
        known: Vec<String>,
        answer: oneshot::Sender<Result<Strength, HashingFault>>,
    },
    Measure {
        answer: oneshot::Sender<Result<Duration, HashingFault>>,
    },
}

#[derive(Debug, thiserror::Error)]
enum HashingFault {
    #[error(transparent)]
    Damaged(#[from] DamagedVerifier),
    #[error("a password could not be derived with the configured parameters")]
    Underivable,
}

/// What one thread works with.
struct Worker {
    queue: Arc<Queue<Job>>,
    verifier: Verifier,
    unprovable: Option<PasswordHash>,
    scram_iterations: Option<u32>,
    random: Arc<dyn Random>,
    idle: Duration,
}

impl HashingPool {
    /// Starts the threads.
    pub(in crate::broker) fn start(settings: &HashingSettings, random: &Arc<dyn Random>) -> Self {
        Self::start_with(settings, random, IDLE)
    }

    fn start_with(settings: &HashingSettings, random: &Arc<dyn Random>, idle: Duration) -> Self {
        let queue = Arc::new(Queue::new(settings.queue));
        for number in 0..settings.threads.max(1) {
            let verifier = Verifier::new(settings.memory_kib, settings.passes);
            let worker = Worker {
                queue: Arc::clone(&queue),
                unprovable: verifier.unprovable(random::bytes(&**random), random::bytes(&**random)),
                verifier,
                scram_iterations: settings.scram_iterations,
                random: Arc::clone(random),
                idle,
            };
            let started = thread::Builder::new().name(format!("hash-{number}")).spawn(move || worker.run());
            if let Err(error) = started {
                tracing::error!(%error, number, "a hashing thread could not be started");
            }
        }
        Self { queue, longest_wait: LONGEST_WAIT }
    }

    /// Refuses at once while no more logins can wait: cheaper than to prepare one that will be refused.
    pub(in crate::broker) fn room_for_logins(&self) -> Result<(), Refusal> {
        self.room(Line::Urgent)
    }

    /// Refuses at once while no more registrations can wait.
    pub(in crate::broker) fn room_for_registrations(&self) -> Result<(), Refusal> {
        self.room(Line::Patient)
    }

    fn room(&self, line: Line) -> Result<(), Refusal> {
        if self.queue.is_full(line) { Err(Refusal::Busy { retry_after: BUSY_FOR }) } else { Ok(()) }
    }

    /// Derives what is kept of a new password.
    pub(in crate::broker) async fn derive(&self, password: Password) -> Outcome<Derived> {
        self.ask(Line::Patient, |answer| Job::Derive { password, answer }).await
    }

    /// Holds a password against a verifier. Without one (an unknown user, or an account that was taken over) it is held against a
    /// verifier that nothing proves, which costs the same time; and then against SCRAM keys, where there are any.
    pub(in crate::broker) async fn check(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
        keys: Option<ScramKeys>,
    ) -> Outcome<Checked> {
        self.ask(Line::Urgent, |answer| Job::Check { password, hash, keys, answer }).await
    }

    /// Derivations that may be asked for at the same time without one of them being refused.
    pub(in crate::broker) fn places(&self) -> usize {
        self.queue.bound()
    }

    /// Whether a password is on a list.
    pub(in crate::broker) async fn look_up(
        &self,
        password: Password,
        list: BreachedList,
    ) -> Outcome<Result<bool, ListProblem>> {
        self.ask(Line::Patient, |answer| Job::LookUp { password, list, answer }).await
    }

    /// How hard a password is to guess.
    pub(in crate::broker) async fn estimate(
        &self,
        password: SecretString,
        known: Vec<String>,
    ) -> Outcome<Strength> {
        self.ask(Line::Patient, |answer| Job::Estimate { password, known, answer }).await
    }

    /// How long one thread takes for everything that is derived from one password.
    pub(in crate::broker) async fn measure(&self) -> Outcome<Duration> {
        self.ask(Line::Patient, |answer| Job::Measure { answer }).await
    }

    async fn ask<T>(
        &self,
        line: Line,
        job: impl FnOnce(oneshot::Sender<Result<T, HashingFault>>) -> Job,
    ) -> Outcome<T> {
        let busy = || Failure::Refused(Refusal::Busy { retry_after: BUSY_FOR });
        let (answer, answered) = oneshot::channel();
        if !self.queue.push(line, job(answer)) {
            return Err(busy());
        }
        match timeout(self.longest_wait, answered).await {
            Ok(Ok(Ok(done))) => Ok(done),
            Ok(Ok(Err(fault))) => Err(Failure::Fault(fault.into())),
            Ok(Err(_)) => Err(Failure::Fault(anyhow::anyhow!("a hashing thread has ended"))),
            // Dropping the receiver marks the job as abandoned: no thread will spend time on it.
            Err(_) => Err(busy()),
        }
    }
}

impl Worker {
    fn run(mut self) {
        // Where the system does not allow it, hashing goes on at the same priority.
        let _ = rustix::process::nice(NICENESS);
        loop {
            let patience = self.verifier.holds_memory().then_some(self.idle);
            match self.queue.next(patience) {
                Next::Job(job) => {
                    let begun = Instant::now();
                    self.work(job);
                    metrics::hashed(begun.elapsed());
                    metrics::hash_queue(self.queue.waiting());
                }
                Next::Idle => self.verifier.give_memory_back(),
                Next::Closed => return,
            }
        }
    }

    // An answer that cannot be delivered is nobody's loss: whoever asked has gone away.
    fn work(&mut self, job: Job) {
        match job {
            Job::Derive { password, answer } => {
                let _ = answer.send(self.derive(&password));
            }
            Job::Check { password, hash, keys, answer } => {
                let _ = answer.send(self.check(&password, hash.as_ref(), keys.as_ref()));
            }
            Job::LookUp { password, list, answer } => {
                let _ = answer.send(Ok(list.holds(password.expose())));
            }
            Job::Estimate { password, known, answer } => {
                let _ = answer.send(Ok(Strength::of(&password, &known)));
            }
            Job::Measure { answer } => {
                let _ = answer.send(self.measure());
            }
        }
    }

    fn derive(&mut self, password: &Password) -> Result<Derived, HashingFault> {
        let salt = random::bytes(&*self.random);
        let hash = self.verifier.make(password, salt).ok_or(HashingFault::Underivable)?;
        let scram = self
            .scram_iterations
            .map_or_else(Vec::new, |iterations| scram::derive(password, iterations, &*self.random));
        Ok(Derived { hash, scram })
    }

    fn check(
        &mut self,
        password: &Password,
        hash: Option<&PasswordHash>,
        keys: Option<&ScramKeys>,
    ) -> Result<Checked, HashingFault> {
        let Some(held_against) = hash.or(self.unprovable.as_ref()) else {
            return Err(HashingFault::Underivable);
        };
        let checked = self.verifier.check(password, held_against)?;
        let by_hash = checked.right && hash.is_some();
        let by_keys = keys.is_some_and(|keys| keys.prove(password.expose()));
        Ok(Checked { right: by_hash || by_keys, ..checked })
    }

    fn measure(&mut self) -> Result<Duration, HashingFault> {
        let password =
            Password::prepare("a password to measure with").map_err(|_| HashingFault::Underivable)?;
        // The first derivation takes the memory from the system; the second is like all others.
        self.derive(&password)?;
        let start = Instant::now();
        self.derive(&password)?;
        Ok(start.elapsed())
    }
}

impl Abandonable for Job {
    fn abandoned(&self) -> bool {
        match self {
            Self::Derive { answer, .. } => answer.is_closed(),
            Self::Check { answer, .. } => answer.is_closed(),
            Self::LookUp { answer, .. } => answer.is_closed(),
            Self::Estimate { answer, .. } => answer.is_closed(),
            Self::Measure { answer } => answer.is_closed(),
        }
    }
}

impl Drop for HashingPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashingPool(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    fn settings() -> HashingSettings {
        HashingSettings { memory_kib: 64, passes: 1, scram_iterations: Some(16), threads: 1, queue: 4 }
    }

    fn pool(settings: &HashingSettings, idle: Duration) -> HashingPool {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        HashingPool::start_with(settings, &random, idle)
    }

    fn password(text: &str) -> Password {
        Password::prepare(text).unwrap()
    }

    #[tokio::test]
    async fn what_is_derived_can_be_checked() {
        let pool = pool(&settings(), IDLE);
        let derived = pool.derive(password("correct horse")).await.unwrap();
        assert_eq!(derived.scram.len(), 2);
        let check = async |text, hash, keys| pool.check(password(text), hash, keys).await.unwrap().right;
        assert!(check("correct horse", Some(derived.hash.clone()), None).await);
        assert!(!check("wrong horse", Some(derived.hash), None).await);
        assert!(!check("correct horse", None, None).await);
        for keys in derived.scram {
            assert!(check("correct horse", None, Some(keys.clone())).await);
            assert!(!check("wrong horse", None, Some(keys)).await);
        }
    }

    #[tokio::test]
    async fn without_scram_no_keys_are_derived() {
        let pool = pool(&HashingSettings { scram_iterations: None, ..settings() }, IDLE);
        assert!(pool.derive(password("correct horse")).await.unwrap().scram.is_empty());
    }

    /// Long enough derivations that others pile up behind them.
    fn slow() -> HashingSettings {
        HashingSettings { memory_kib: 1024, passes: 64, scram_iterations: None, threads: 1, queue: 2 }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_logins_still_get_in() {
        let pool = pool(&slow(), IDLE);
        let registrations: Vec<_> = (0..8).map(|_| pool.derive(password("correct horse"))).collect();
        let (answers, login) = tokio::join!(futures::future::join_all(registrations), async {
            tokio::task::yield_now().await;
            pool.check(password("correct horse"), None, None).await
        });
        let refused = answers
            .iter()
            .filter(|answer| matches!(answer, Err(Failure::Refused(Refusal::Busy { .. }))))
            .count();
        assert!((5..=6).contains(&refused), "one at work, two waiting, the others refused: {refused}");
        assert!(login.is_ok(), "registrations never keep a login out");
    }

    #[tokio::test]
    async fn nobody_works_for_those_who_went_away() {
        let pool = pool(&slow(), IDLE);
        let start = Instant::now();
        pool.derive(password("correct horse")).await.unwrap();
        let one = start.elapsed();
        for _ in 0..30 {
            let _ = timeout(Duration::from_millis(1), pool.derive(password("correct horse"))).await;
        }
        let start = Instant::now();
        pool.check(password("correct horse"), None, None).await.unwrap();
        assert!(start.elapsed() < one * 6, "{:?} against {one:?} for one", start.elapsed());
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_told_to_come_back() {
        let mut pool = pool(&slow(), IDLE);
        pool.longest_wait = Duration::from_millis(1);
        let outcome = pool.derive(password("correct horse")).await;
        assert!(matches!(outcome, Err(Failure::Refused(Refusal::Busy { .. }))));
    }

    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Memory is counted for the whole process, so this runs in one of its own, without the other tests.
    #[test]
    fn memory_goes_back_to_the_system_when_there_is_nothing_to_do() {
        const ALONE: &str = "OSTIARY_TEST_ALONE";
        if std::env::var_os(ALONE).is_some() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            return runtime.block_on(memory_goes_back());
        }
        let name = std::thread::current().name().unwrap().to_owned();
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args([&name, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }

    async fn memory_goes_back() {
        let big = HashingSettings { memory_kib: 19 * 1024, passes: 1, threads: 4, queue: 64, ..settings() };
        let pool = pool(&big, Duration::from_millis(50));
        let (one, all, noise) = (17 * 1024, 4 * 19 * 1024, 8 * 1024);
        for round in 0..3 {
            let before = resident_kib();
            let work = (0..32).map(|_| pool.derive(password("correct horse")));
            futures::future::join_all(work).await;
            let busy = resident_kib();
            tokio::time::sleep(Duration::from_millis(500)).await;
            let idle = resident_kib();
            let seen = format!("round {round}: {before} -> {busy} -> {idle} KiB");
            assert!(busy > before + one && busy < before + all + noise, "{seen}");
            assert!(idle < before + noise, "{seen}");
        }
    }
}
