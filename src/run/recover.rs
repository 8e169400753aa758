//! What an earlier run left when it was killed: a terraform that still works, a state that was not
//! stored, a state lock that nobody will free (G12). Runs under the run lock, before any plan.

use std::path::{Path, PathBuf};

use super::context::Run;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::host::host_name;
use crate::report::plural;
use crate::terraform;
use crate::workspace::Layer;

/// Puts every layer in order, aloud.
pub(super) async fn recover(run: &Run) -> Result<()> {
    let earlier = earlier_runs(run)?;
    for layer in Layer::ALL {
        for folder in &earlier {
            await_terraform(run, layer, folder).await?;
        }
        free_lock(run, layer, &earlier).await?;
        store_state(run, layer).await?;
    }
    earlier.iter().try_for_each(|folder| forget_plans(folder))
}

/// Removes what a killed run had planned: it holds values of the state, and nobody applies it.
fn forget_plans(folder: &Path) -> Result<()> {
    for layer in Layer::ALL {
        for end in ["tfplan", "drift.tfplan", "proposed.tfvars.json"] {
            fs::remove_file(&folder.join(format!("{layer}.{end}")))?;
        }
    }
    fs::remove_file(&folder.join("drift.tfvars.json"))
}

/// Folders of the runs before this one, newest first.
fn earlier_runs(run: &Run) -> Result<Vec<PathBuf>> {
    let own = run.run_folder();
    let Some(runs) = own.parent().filter(|runs| fs::is_folder(runs)) else {
        return Ok(Vec::new());
    };
    let mut folders = fs::list(runs)?;
    folders.retain(|folder| *folder != own && fs::is_folder(folder));
    folders.sort();
    folders.reverse();
    Ok(folders)
}

fn driver(run: &Run, layer: Layer, logs: &std::path::Path) -> terraform::Layer {
    run.terraform.layer(&run.layer_folder(layer), logs, layer.name())
}

/// Waits for a terraform that outlived the run that started it: for a plan, which is asked to stop,
/// and for an apply, which is not.
async fn await_terraform(run: &Run, layer: Layer, folder: &std::path::Path) -> Result<()> {
    let terraform = driver(run, layer, folder);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if terraform.stop_plan().await? {
        run.reporter
            .note(format!("terraform of run {name} still planned layer {layer}: it has stopped"));
    }
    if !terraform.is_applying()? {
        return Ok(());
    }
    run.reporter
        .note(format!("terraform of run {name} still applies layer {layer}: waiting for its end"));
    let scope = run.cancel.scope();
    let ended = terraform.attach(&scope, &mut |event| run.tell_terraform(layer, &event)).await;
    match ended {
        Ok(None) => {}
        // What it did is in the state, or in the file that it left instead: a new plan tells.
        Ok(Some(applied)) => {
            let done = applied.progress().done.len();
            run.reporter.note(format!("it has ended, {} done", plural(done, "resource")));
        }
        Err(failure) => run.reporter.note(format!("it has ended: {}", failure.what())),
    }
    Ok(())
}

/// Stores a state that terraform could only write to a file; its lock is free by now.
async fn store_state(run: &Run, layer: Layer) -> Result<()> {
    let terraform = driver(run, layer, &run.run_folder());
    if terraform.errored().is_none() {
        return Ok(());
    }
    run.init(layer, &terraform).await?;
    terraform.push_errored().await?;
    run.reporter
        .note(format!("layer {layer}: the state that the last run kept in a file is stored"));
    Ok(())
}

/// Frees the state lock of a terraform of ours that is gone; any other ends the run.
async fn free_lock(run: &Run, layer: Layer, earlier: &[PathBuf]) -> Result<()> {
    let key = run.state_lock_key(layer);
    let Some(lock) = run.state_lock(layer).await? else { return Ok(()) };
    let ours = lock.host() == Some(&host_name())
        && earlier.iter().any(|folder| driver(run, layer, folder).has_left(&lock));
    if !ours {
        let name = &run.environment.name;
        return Err(Failure::failed(format!("the state of layer {layer} is locked"))
            .at(run.cloud.object_address(run.bucket(), &key))
            .because(lock.to_string())
            .because("nothing was touched")
            .next("wait for its end, and run the same command again")
            .next(format!("if it is dead, and only then: `landfall unlock {name}`")));
    }
    run.cloud.delete_object(run.bucket(), &key).await?;
    run.reporter.note(format!(
        "layer {layer}: the lock {} of a terraform that was killed is freed",
        lock.id
    ));
    Ok(())
}
