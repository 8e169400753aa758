//! The sizes that Fargate has.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>

/// CPU units, then least and greatest memory and its step, in MiB. 256 units have three sizes
/// that are no steps.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 0),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// CPU units of that many vCPU and that memory, if Fargate has the pair; else why not and what
/// it has.
pub(super) fn fit(cpu: f64, memory_mib: u64) -> Result<(u32, u32), (String, String)> {
    let size = SIZES.iter().find(|(units, ..)| (f64::from(*units) / 1024.0 - cpu).abs() < 1e-6);
    let Some(&(units, least, most, step)) = size else {
        let known: Vec<String> =
            SIZES.iter().map(|(units, ..)| (f64::from(*units) / 1024.0).to_string()).collect();
        return Err((
            format!("Fargate has no tasks with {cpu} vCPU"),
            format!("cpu: {}", known.join(", ")),
        ));
    };
    let memory = u32::try_from(memory_mib).unwrap_or(u32::MAX);
    let fits = if step == 0 {
        [512, 1024, 2048].contains(&memory)
    } else {
        (least..=most).contains(&memory) && memory % step == 0
    };
    if fits {
        return Ok((units, memory));
    }
    let allowed = if step == 0 {
        "512Mi, 1Gi, 2Gi".to_owned()
    } else {
        format!("{}Gi to {}Gi in steps of {}Gi", least / 1024, most / 1024, step / 1024)
    };
    Err((
        format!("Fargate has no tasks with {cpu} vCPU and {}", shown(memory_mib)),
        format!("memory for {cpu} vCPU: {allowed}"),
    ))
}

/// `512Mi`, `2Gi`.
pub(super) fn shown(mib: u64) -> String {
    if mib.is_multiple_of(1024) { format!("{}Gi", mib / 1024) } else { format!("{mib}Mi") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_exist_and_that_do_not() {
        let good =
            [(0.25, 512, 256), (0.5, 4096, 512), (4.0, 30_720, 4096), (16.0, 122_880, 16_384)];
        for (cpu, memory, units) in good {
            assert_eq!(fit(cpu, memory), Ok((units, u32::try_from(memory).unwrap_or(0))));
        }
        let help = |cpu, memory| fit(cpu, memory).map_err(|(_, help)| help);
        assert_eq!(help(0.25, 4096), Err("memory for 0.25 vCPU: 512Mi, 1Gi, 2Gi".to_owned()));
        assert_eq!(
            help(1.0, 1024),
            Err("memory for 1 vCPU: 2Gi to 8Gi in steps of 1Gi".to_owned())
        );
        assert_eq!(help(0.3, 512), Err("cpu: 0.25, 0.5, 1, 2, 4, 8, 16".to_owned()));
    }
}
