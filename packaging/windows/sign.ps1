# Sign one file with Azure Trusted Signing: what LANDFALL_SIGN of packaging/windows.sh may name, as
#   LANDFALL_SIGN="pwsh -NoProfile -NonInteractive -File packaging/windows/sign.ps1"
# Reads SIGNING_ENDPOINT, SIGNING_ACCOUNT and SIGNING_PROFILE; the module itself takes AZURE_TENANT_ID,
# AZURE_CLIENT_ID and AZURE_CLIENT_SECRET from the environment. Needs once, beforehand:
#   Install-Module -Name TrustedSigning -RequiredVersion 0.5.8 -Force -Repository PSGallery
# Awaits an account: not run yet.
param([Parameter(Mandatory)][string]$File)
$ErrorActionPreference = 'Stop'

foreach ($name in 'SIGNING_ENDPOINT', 'SIGNING_ACCOUNT', 'SIGNING_PROFILE') {
    if (-not [Environment]::GetEnvironmentVariable($name)) { throw "Landfall: $name must be set." }
}
$signing = @{
    Endpoint               = $env:SIGNING_ENDPOINT
    CodeSigningAccountName = $env:SIGNING_ACCOUNT
    CertificateProfileName = $env:SIGNING_PROFILE
    Files                  = (Resolve-Path -LiteralPath $File).Path
    FileDigest             = 'SHA256'
    TimestampRfc3161       = 'http://timestamp.acs.microsoft.com'
    TimestampDigest        = 'SHA256'
}
Invoke-TrustedSigning @signing
$signature = Get-AuthenticodeSignature -LiteralPath $File
if ($signature.Status -ne 'Valid') {
    throw "Landfall: the signature of $File is $($signature.Status): $($signature.StatusMessage)"
}
