//! The sizes that Cloud Run has.
//!
//! Less than one vCPU exists for services of the first generation alone, which then answer one
//! request at a time; jobs, worker pools and the second generation start at one. What a kit asks
//! for is the least that its process needs, so less than that is raised, never refused: the same
//! kit runs on Fargate with a quarter.
//!
//! Sources: <https://cloud.google.com/run/docs/configuring/services/cpu>,
//! <https://cloud.google.com/run/docs/configuring/jobs/cpu>,
//! <https://cloud.google.com/run/docs/configuring/workerpools/cpu>,
//! <https://cloud.google.com/run/docs/configuring/services/memory-limits>

use super::fargate::shown;

/// vCPU, then least and greatest memory in MiB. The least of the second generation is 512 MiB.
const SIZES: [(u32, u32, u32); 5] =
    [(1, 512, 4096), (2, 512, 8192), (4, 2048, 16_384), (6, 4096, 24_576), (8, 4096, 32_768)];

/// The least that any process gets: CPU units (1024 are one vCPU) and MiB.
pub(super) const LEAST: (u32, u32) = (1024, 512);

/// CPU units of at least that many vCPU and at least that memory, if Cloud Run has the pair; else
/// why not and what it has.
pub(super) fn fit(cpu: f64, memory_mib: u64) -> Result<(u32, u32), (String, String)> {
    let wanted = cpu.max(1.0);
    let size = SIZES.iter().find(|(whole, ..)| (f64::from(*whole) - wanted).abs() < 1e-6);
    let Some(&(whole, least, most)) = size else {
        let known: Vec<String> = SIZES.iter().map(|(whole, ..)| whole.to_string()).collect();
        return Err((
            format!("Cloud Run has no instances with {cpu} vCPU"),
            format!("cpu: up to 1, or {}", known[1..].join(", ")),
        ));
    };
    let memory = u32::try_from(memory_mib).unwrap_or(u32::MAX).max(LEAST.1);
    if (least..=most).contains(&memory) {
        return Ok((whole * 1024, memory));
    }
    let range = format!("{} to {}", shown(least.into()), shown(most.into()));
    Err((
        format!("Cloud Run has no instances with {cpu} vCPU and {}", shown(memory_mib)),
        format!("memory for {whole} vCPU: {range}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_exist_and_that_do_not() {
        let good = [
            (0.25, 512, (1024, 512)),
            (0.5, 1024, (1024, 1024)),
            (1.0, 4096, (1024, 4096)),
            (0.08, 128, (1024, 512)),
            (2.0, 8192, (2048, 8192)),
            (8.0, 32_768, (8192, 32_768)),
        ];
        for (cpu, memory, size) in good {
            assert_eq!(fit(cpu, memory), Ok(size), "{cpu} {memory}");
        }
        let help = |cpu, memory| fit(cpu, memory).map_err(|(_, help)| help);
        assert_eq!(help(3.0, 4096), Err("cpu: up to 1, or 2, 4, 6, 8".to_owned()));
        assert_eq!(help(16.0, 4096), Err("cpu: up to 1, or 2, 4, 6, 8".to_owned()));
        assert_eq!(help(0.5, 8192), Err("memory for 1 vCPU: 512Mi to 4Gi".to_owned()));
        assert_eq!(help(4.0, 1024), Err("memory for 4 vCPU: 2Gi to 16Gi".to_owned()));
    }
}
