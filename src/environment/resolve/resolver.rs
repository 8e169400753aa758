//! What every family reads and writes while it decides.

use crate::environment::draft::{Draft, Given};
use crate::environment::model::{Class, Origin};
use crate::environment::origins::Origins;
use crate::hcl;
use crate::kit::model::{CloudName, Kit};
use crate::name::Names;
use crate::release::lock::KitLock;
use crate::release::read::Places;
use crate::source::{Place, Problem, Problems};

use super::{Inputs, Neighbour};

/// The inputs, the decisions that all families need, and what was found so far.
pub(super) struct Resolver<'a> {
    /// The environment's name: the folder's.
    pub(super) name: &'a str,
    pub(super) class: Class,
    /// Where it is: AWS unless `gcp` alone is given.
    pub(super) cloud: CloudName,
    /// The chosen size; empty when the kit has none.
    pub(super) size: String,
    pub(super) draft: &'a Draft,
    pub(super) kit: &'a Kit,
    pub(super) lock: Option<&'a (KitLock, Places)>,
    /// The actual hash of the kit's tree.
    pub(super) tree: &'a str,
    pub(super) others: &'a [Neighbour],
    /// Start of `environment.hcl`, where something is missing altogether.
    pub(super) file: Place,
    pub(super) origins: Origins,
    pub(super) names: Names,
    pub(super) problems: Problems,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        inputs: &'a Inputs<'a>,
        draft: &'a Draft,
        kit: &'a Kit,
        lock: Option<&'a (KitLock, Places)>,
        problems: Problems,
    ) -> Self {
        Self {
            name: inputs.name,
            // Without a class most values are still decided; the weakest gives the fewest
            // problems that only follow from the missing one.
            class: draft.class.as_ref().map_or(Class::Preview, |class| class.value),
            cloud: match (&draft.aws, &draft.gcp) {
                (None, Some(_)) => CloudName::Gcp,
                _ => CloudName::Aws,
            },
            size: String::new(),
            draft,
            kit,
            lock,
            tree: &inputs.tree,
            others: &inputs.others,
            file: Place::new(&inputs.environment, 0..0),
            origins: Origins::default(),
            names: Names::default(),
            problems,
        }
    }

    pub(super) fn production(&self) -> bool {
        self.class == Class::Production
    }

    pub(super) fn gcp(&self) -> bool {
        self.cloud == CloudName::Gcp
    }

    /// One more problem, unless the same was said about the same place: an expression is
    /// evaluated once for each of its receivers.
    pub(super) fn problem(
        &mut self,
        place: impl Into<Option<Place>>,
        what: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::new(place, what, why, help);
        let same = |other: &Problem| other.place == problem.place && other.what == problem.what;
        if !self.problems.iter().any(same) {
            self.problems.push(problem);
        }
    }

    /// A value that the grammar knows and this version cannot render.
    pub(super) fn unsupported(&mut self, place: impl Into<Option<Place>>, what: &str, help: &str) {
        self.problem(
            place,
            format!("{what} is not yet supported"),
            "the grammar knows it, this version of Landfall cannot render it",
            help,
        );
    }

    /// A name in the environment that the kit does not have.
    pub(super) fn unknown<'n>(
        &mut self,
        place: Option<&Place>,
        what: &str,
        plural: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        self.problem(
            place.cloned(),
            format!("unknown {what} `{name}`"),
            format!("the kit \"{}\" has no {what} of that name", self.kit.name),
            hcl::list(name, plural, known),
        );
    }

    /// Where something stands in the kit: `service.web.cpu`, else `service.web`.
    pub(super) fn in_kit(&self, key: &str) -> Option<&'a Place> {
        let parent = || key.rsplit_once('.').and_then(|(parent, _)| self.kit.places.get(parent));
        self.kit.places.get(key).or_else(parent)
    }

    /// Claims a name in the cloud.
    pub(super) fn claim(
        &mut self,
        kind: &'static str,
        name: String,
        owner: &str,
        place: Option<&Place>,
    ) -> String {
        self.names.claim(kind, name, owner, place, &mut self.problems)
    }

    pub(super) fn finish(self) -> (Problems, Vec<Origin>) {
        (self.problems, self.origins.into_vec())
    }
}

/// The place of an optional value.
pub(super) fn place<T>(given: Option<&Given<T>>) -> Option<&Place> {
    given.map(|given| &given.place)
}
