DEFINITIONS
void piece (Arbor.Store store, Arbor.Arbor people, Arbor.Arbor teams) throws Error {
BLOCK
}
