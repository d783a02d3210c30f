//! Identifiers of this context.

use kernel::typed_id;

typed_id!(AidantId, "a professional: to be trained, active, or gone");
typed_id!(AppartenanceId, "a professional in an organisation, from a day on");
typed_id!(EquipeId, "a team inside an organisation");
typed_id!(HabilitationId, "what an organisation asks: to be habilitée");
typed_id!(SessionFormationId, "a session of training of aidants");
typed_id!(UsagerId, "a person who is helped");
typed_id!(MandatId, "a mandat");
typed_id!(AutorisationId, "one démarche of a mandat");
typed_id!(UsageId, "one use of a mandat");
