package handlers

// UnderRace says whether the race detector is on, for tests outside of the package.
const UnderRace = raceEnabled
