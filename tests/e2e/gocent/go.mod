module backend

go 1.19

require github.com/centrifugal/gocent/v3 v3.4.0
